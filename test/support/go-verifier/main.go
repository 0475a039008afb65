// An outside judge of Genkan's audit log: Go's own sumdb/note and sumdb/tlog, which know nothing of Genkan. Reads cases as
// JSON from standard input and answers for each "ok" or why not, one a line. Built from Debian's golang-golang-x-mod-dev.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/ioutil"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type testCase struct {
	// LogKey and WitnessKey are verifier keys, name+hash+base64.
	LogKey     string
	WitnessKey string
	Checkpoint string

	// Inclusion: Leaf is base64 of the record.
	Index *int64
	Leaf  string
	Proof []string

	// Consistency with an earlier checkpoint of the same log.
	Earlier string

	// Tiles: the prefix of a tlog-tiles server; the leaf is proven by what is fetched there.
	Tiles string
}

// cosignature judges c2sp.org/tlog-cosignature with Ed25519, which sumdb/note lets others add.
type cosignature struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosignature) Name() string    { return c.name }
func (c cosignature) KeyHash() uint32 { return c.hash }
func (c cosignature) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, message)
	return at != 0 && ed25519.Verify(c.key, []byte(signed), signature[8:])
}

func newCosignature(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed key of the witness")
	}
	material, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(material) != 33 || material[0] != 4 {
		return nil, errors.New("the key of the witness is of another type")
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	if fmt.Sprintf("%x", hash[:4]) != parts[1] {
		return nil, errors.New("the key of the witness does not match its hash")
	}
	return cosignature{parts[0], binary.BigEndian.Uint32(hash[:]), material[1:]}, nil
}

func open(signed string, verifiers ...note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(verifiers) {
		return tlog.Tree{}, fmt.Errorf("%d of %d have signed", len(opened.Sigs), len(verifiers))
	}
	lines := strings.SplitN(opened.Text, "\n", 4)
	if len(lines) < 4 || lines[0] != verifiers[0].Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	// tlog.ParseTree is for the log of Go alone, whose origin it demands.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	return tree, err
}

func hashes(encoded []string) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, 0, len(encoded))
	for _, one := range encoded {
		hash, err := tlog.ParseHash(one)
		if err != nil {
			return nil, err
		}
		list = append(list, hash)
	}
	return list, nil
}

// tiles fetches what tlog-tiles serves: as the checksum database of Go, without the height in the path.
type tiles struct{ prefix string }

func (tiles) Height() int                         { return 8 }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, 0, len(wanted))
	for _, tile := range wanted {
		answer, err := http.Get(t.prefix + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		body, err := ioutil.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return nil, err
		}
		if answer.StatusCode != 200 || len(body) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %s, %d bytes", tile.Path(), answer.Status, len(body))
		}
		read = append(read, body)
	}
	return read, nil
}

func judge(c testCase) error {
	log, err := note.NewVerifier(c.LogKey)
	if err != nil {
		return err
	}
	verifiers := []note.Verifier{log}
	if c.WitnessKey != "" {
		witness, err := newCosignature(c.WitnessKey)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, witness)
	}
	tree, err := open(c.Checkpoint, verifiers...)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	proof, err := hashes(c.Proof)
	if err != nil {
		return err
	}
	leaf, err := base64.StdEncoding.DecodeString(c.Leaf)
	if err != nil {
		return err
	}
	if c.Earlier != "" {
		earlier, err := open(c.Earlier, log)
		if err != nil {
			return fmt.Errorf("earlier checkpoint: %w", err)
		}
		if c.Tiles != "" {
			if proof, err = tlog.ProveTree(tree.N, earlier.N, tlog.TileHashReader(tree, tiles{c.Tiles})); err != nil {
				return err
			}
		}
		return tlog.CheckTree(proof, tree.N, tree.Hash, earlier.N, earlier.Hash)
	}
	if c.Index == nil {
		return nil
	}
	if c.Tiles != "" {
		if proof, err = tlog.ProveRecord(tree.N, *c.Index, tlog.TileHashReader(tree, tiles{c.Tiles})); err != nil {
			return err
		}
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, *c.Index, tlog.RecordHash(leaf))
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for _, one := range cases {
		if err := judge(one); err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
			continue
		}
		fmt.Println("ok")
	}
}
