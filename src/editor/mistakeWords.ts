import * as vscode from 'vscode';
import type * as z from 'zod/mini';

/**
 * Says in words what a check found in an entry of a setting, and where.
 * @param known the names that may stand in the entry
 */
export function inWords(known: readonly string[]): (issue: z.core.$ZodRawIssue) => string {
  return issue => {
    const field = (issue.path ?? []).join('.');
    switch (issue.code) {
      case 'invalid_type':
        return issue.input === undefined
          ? vscode.l10n.t('"{0}" is missing.', field)
          : wrongType(field, issue.expected);
      case 'too_small':
        return vscode.l10n.t('"{0}" is empty.', field);
      case 'too_big':
        return vscode.l10n.t('"{0}" is longer than {1} characters.', field, Number(issue.maximum));
      case 'invalid_value':
        return vscode.l10n.t('"{0}" must be one of: {1}.', field, issue.values.map(String).join(', '));
      case 'unrecognized_keys':
        return vscode.l10n.t(
          '"{0}" is not known there. Known are: {1}.',
          issue.keys.join('", "'),
          known.join(', '),
        );
      default:
        return vscode.l10n.t('"{0}" cannot be used.', field);
    }
  };
}

function wrongType(field: string, expected: string): string {
  switch (expected) {
    case 'string':
      return vscode.l10n.t('"{0}" must be a string.', field);
    case 'array':
      return vscode.l10n.t('"{0}" must be a list of strings.', field);
    default:
      return vscode.l10n.t('"{0}" must be an object of strings by name.', field);
  }
}
