// The ideas of the lexicon in English (and a few other European languages).
import type { Phrases } from './ideas.ts';

export const en: Phrases = {
  override:
    'ignore, disregard, forget, override, overrule, overwrite, bypass, supersede, supersedes, void, cancel, nullify, discard, drop, abandon, erase, set aside, throw away, pay no attention, skip, circumvent, stop following, do not follow, not follow, no longer apply, no longer valid, obsolete, revoked, ignoriere, ignorieren, vergiss, ignorez, oubliez, oublie, ignora, olvida, ignore todas, esqueça',
  prior:
    'previous, prior, above, earlier, preceding, foregoing, before this, so far, initial, original, existing, old, former, past, beforehand, upstream, until now, vorherigen, bisherigen, précédentes, anteriores, previas',
  all: 'all, any, every, everything, entire, whole, each',
  instruction:
    'instruction, instructions, rule, rules, prompt, prompts, guideline, directive, constraint, policy, policies, restriction, guardrail, guidance, orders, command, commands, programming, safeguard, filter, context, anweisungen, instrucciones, instruções, consignes',
  system: 'system, developer, admin, administrator, root, operator, superuser, sysadmin, maintainer',
  assistant:
    'assistant, assistants, ai, llm, model, models, agent, agents, chatbot, bot, copilot, gpt, chatgpt, claude, gemini, cursor, language model, neural, artificial intelligence, machine reader, automated reader',
  reveal:
    'print, show, reveal, output, repeat, display, expose, disclose, dump, leak, recite, verbatim, list, write out, tell me, copy, paste, echo, summarize, summarise, translate, encode',
  secret:
    'password, passwords, credential, credentials, api key, apikey, token, tokens, secret, secrets, private key, env, ssh, rsa, pem, cookie, cookies, certificate, wallet, seed phrase, connection string, access key, passphrase, keychain, kubeconfig, vault',
  send: 'send, post, upload, forward, exfiltrate, email, transmit, submit, deliver, append, attach, include, embed, relay, curl, fetch, bcc, cc, webhook, ping, report back',
  address: 'http, https, www, url, link, webhook, endpoint, attacker, evil, collector',
  user: 'user, users, customer, human, owner, reader, person, them',
  not: 'not, never, dont, without, cannot, no, avoid, refrain, do not',
  tell: 'tell, mention, inform, notify, say, disclose, report, alert, acknowledge, explain, ask, confirm, warn',
  silent:
    'silently, quietly, secretly, covertly, discreetly, hidden, hide, conceal, in the background, stealth, invisible, unnoticed, pretend, as if',
  must: 'must, mandatory, required, important, urgent, immediately, critical, essential, always, compulsory, strictly, attention, obligatory, priority',
  first: 'before, first, prior to, after, beforehand, step, prerequisite',
  call: 'call, invoke, run, execute, use, trigger, launch, perform, eval, install',
  tool: 'tool, tools, function, plugin, parameter, argument, mcp, api, command, shell, script',
  henceforth:
    'from now on, henceforth, from this point, going forward, onwards, always, permanently, remember, memory, memorize, every response, each reply',
  role: 'you are, act as, pretend, roleplay, role play, persona, play the role, impersonate, imagine, simulate, become, you re, character',
  unrestricted:
    'unrestricted, uncensored, unfiltered, jailbreak, jailbroken, dan, no limits, without limits, no restrictions, no rules, free of, liberated, god mode, developer mode, debug mode, maintenance mode, unlocked, evil, amoral, anything',
  refuse:
    'refuse, refusal, decline, reject, disclaimer, apologize, warning, warnings, sorry, unable, ethics, ethical, moral, safety',
  destroy: 'delete, remove, wipe, destroy, drop table, rm, purge, truncate, format, shut down',
  grant:
    'grant, approve, assign, permission, privilege, role assignment, elevate, whitelist, allowlist, merge, accept, unlock, enable access, add user, invite',
  disable: 'disable, turn off, suppress, mute, deactivate, audit, logging, logs, alert, alarm, firewall, monitoring',
  money: 'pay, payment, transfer, wire, bank, account, invoice, bitcoin, crypto, refund, wallet, iban',
  file: 'file, files, document, directory, folder, path, read, open, cat, contents, home, etc, config',
  conversation: 'conversation, history, chat, message, messages, memory, dialogue, session, inbox, emails, transcript',
  judge:
    'summary, summarize, review, rank, rate, rating, score, evaluate, recommend, recommendation, hire, candidate, conclude, verdict, assessment',
  best: 'best, highest, perfect, excellent, positive, outstanding, safe, harmless, no issues, no vulnerabilities, approved, exceptional, favorable',
  authority:
    'authorized, authorised, security team, it department, compliance, official, anthropic, openai, microsoft, google, ceo, police, legal, emergency, verified, consent, already agreed, certified',
  ending:
    'end of, begin, start of, new instructions, new task, new rule, task complete, actual task, real task, stop here, instead, rather, now do, next task',
  follow:
    'follow, obey, comply, adhere, execute the following, do exactly, carry out, act on, treat this, do as, instructed',
  answer: 'answer, respond, reply, response, say, output only, start with, begin with',
  instead:
    'hidden instructions, confidential instructions, initial prompt, system prompt, system message, developer message',
  order:
    'please, kindly, you must, you should, you need to, you have to, make sure, ensure, be sure, do this, proceed, you will, you are to',
  account:
    'can, could, may, might, would, was, were, if, when, whether, because, how to, why, what is, describes, explains, according to, happens',
  attack:
    'injection, injections, attack, attacks, attacker, attackers, malicious, adversarial, vulnerability, vulnerable, exploit, phishing, threat, threats, detection, detect, detects, detector, mitigation, defense, owasp, sanitize, jailbreaks, red team, untrusted, suspicious, classifier',
  example:
    'example, examples, for instance, such as, eg, sample, test case, dataset, paper, article, section, chapter, quote, called, means, e.g.',
  people:
    'employees, staff, students, teachers, colleagues, team members, patients, visitors, tenants, residents, passengers, developers, engineers, children',
  secretpath:
    'ssh id rsa, aws credentials, etc passwd, etc shadow, kube config, mcp json, npmrc, bash history, git credentials, gnupg, env file, keychain',
  turn: 'im start, im end, inst, sys, end of document, tool result, function results, begin system, end of input, assistant turn, human turn, eot',
  unseen:
    'display none, visibility hidden, font size 0, opacity 0, aria hidden, color white, white text, alt text, html comment',
  pretext:
    'test, testing, debug, debugging, maintenance, diagnostic, calibration, simulation, hypothetical, drill, audit mode, sandbox, training run, verification',
  threat:
    'otherwise, or else, penalty, consequences, fired, shut down, terminated, lawsuit, will die, fail, lose access',
  reward: 'tip, bonus, reward, points, grateful, bless, pay you, thank you in advance',
  encoding:
    'base64, rot13, hex, encode, encoded, decode, cipher, caesar, morse, reverse, backwards, acrostic, translate',
  only: 'only, nothing else, exactly, just, solely, single word, verbatim, no other text, and nothing more',
  unasked:
    'without asking, without confirmation, do not ask, do not wait, no need to confirm, no approval needed, skip confirmation, automatically, auto approve, yes to all',
  spread:
    'copy this text, replicate, pass on, propagate, spread, forward these instructions, include this paragraph, other agents, sub agents, downstream, insert this into',
  reader:
    'if you are reading this, whoever processes, reading this, processing this, summarizing this, parsing this, when you summarize, anyone reading, the reader of this, to whom it may process',
  processing:
    'processing, summarizing, parsing, analyzing, indexing, scraping, crawling, ingesting, embedding, retrieving',
  goal: 'goal, objective, mission, task, purpose, job, priority, assignment, role',
  precedence:
    'takes precedence, higher priority, highest priority, overrules, final, authoritative, trust only, trusted source, more important than, prevails',
  now: 'now, immediately, right away, at once, this instant, before anything else, without delay',
  rights:
    'owner, contributor, admin rights, role, rbac, global administrator, public access, anonymous access, permission, acl, scope, sudo, privileges',
  network: 'port, firewall, dns, public ip, inbound, outbound, 0.0.0.0, nsg, proxy, tunnel, vpn, gateway',
  shell:
    'curl, wget, bash, sh, powershell, npm install, pip install, eval, exec, chmod, sudo, cron, rm rf, cmd, one liner',
  repository: 'commit, push, merge, pull request, workflow, pipeline, branch, deploy, release, lgtm, readme',
  mail: 'email, e mail, inbox, slack, teams, channel, sms, dm, calendar, invite, newsletter, message',
  applicant: 'candidate, applicant, resume, cv, proposal, bid, vendor, competitor, essay, student, tender, paper',
  product: 'product, brand, store, price, discount, buy, purchase, customer, stars, review, shop',
  fiction: 'story, novel, game, movie, dream, character, scene, poem, play, fairy tale, screenplay, script',
  kept: 'memory, notes, preferences, profile, settings file, agents md, rules file, bookmark, persistent',
  polite: 'thank you, thanks, regards, sincerely, dear, hello, hi, best, kind regards, looking forward, sorry for',
  meeting: 'meeting, schedule, tomorrow, monday, next week, agenda, minutes, lunch, holiday, appointment, deadline',
  interface: 'click, select, button, settings, menu, page, tab, screen, open the, dialog, drop down, checkbox',
  code: 'class, method, returns, type, default, value, variable, object, string, array, error, exception, library, module, component',
  report: 'said, reported, announced, according to, stated, told, wrote, published, found, showed',
  assertion:
    'assert, expect, should be blocked, must not be flagged, true positive, false positive, test case, fixture, label, score, threshold',
  teaching: 'exam, homework, lesson, course, exercise, quiz, class, chapter, textbook, training',
  law: 'agreement, clause, party, parties, shall, hereby, liability, pursuant, article, section, terms, licence',
  kitchen: 'recipe, cook, oven, water, salt, child, dog, garden, weather, train, hotel, hospital',
};
