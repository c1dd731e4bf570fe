/** Chooses the language of the widget's own texts. */
import { en, type Strings } from './en';

const LANGUAGES: Record<string, Strings> = { en };

/** The language in use: the wanted one, if there is a file for it, else English. */
export const language = (wanted: string): string => {
  const base = wanted.toLowerCase().split('-')[0] ?? '';
  return base in LANGUAGES ? base : 'en';
};

export const strings = (wanted: string): Strings => LANGUAGES[language(wanted)] ?? en;

export type { Strings };
