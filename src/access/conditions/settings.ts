// A condition as settings hold it: checked where it is written, so that a mistake is shown with its place in the file.
import { z } from 'zod';
import { GenkanError } from '../../base/errors.ts';
import { compileCondition } from './compile.ts';

export const conditionText = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      compileCondition(text);
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      const { line, column, expected, found } = error.params;
      const place = line === 1 ? `at character ${column}` : `at line ${line}, character ${column} of it`;
      context.addIssue({ code: 'custom', message: `${place}, expected ${expected}, found ${found}` });
    }
  });
