/** Crisis and emergency: when the banner stands, and which contacts it shows. */
import type { Contact } from './content';
import type { Log } from './log';
import { dict, text } from './shape';
import type { Vault } from './storage';

export type Kind = 'crisis' | 'emergency';

/**
 * `to` names the message whose reply it rests on, `seq` that reply, 0 while it is not stored;
 * `small` says that the person made the banner one line.
 */
export interface Urgent {
  kind: Kind;
  to: string;
  seq: number;
  small: boolean;
}

const KEY = 'urgent';

/** Returns the banner's state as kept, so that it stands again before the server has answered. */
export function keptUrgent(vault: Vault): Urgent | undefined {
  const { kind, to, seq, small } = dict(vault.get(KEY));
  if (kind !== 'crisis' && kind !== 'emergency') return undefined;
  return { kind, to: text(to), seq: Number(seq) || 0, small: small === true };
}

export const keepUrgent = (vault: Vault, urgent: Urgent | undefined): void => vault.set(KEY, urgent);

/** Returns the state after the log changed: a newer reply of danger opens the banner in full. */
export function nextUrgent(log: Log, now: Urgent | undefined): Urgent | undefined {
  const found = log.urgent;
  const last = now?.seq ?? 0;
  if (!found || (found.to && found.to === now?.to)) return now;
  if (found.seq && found.seq <= last) return now;
  const kind = found.reply.outcomes.includes('crisis') ? 'crisis' : 'emergency';
  return { kind, to: found.to, seq: found.seq || last, small: false };
}

/** Returns the likely region of this device, '' if its time zone does not tell. */
export function regionHint(zone: string): string {
  if (/^Europe\/(London|Belfast|Jersey|Guernsey|Isle_of_Man)$/.test(zone)) return 'gb';
  if (zone === 'Europe/Dublin') return 'ie';
  if (/^(US|Canada)\//.test(zone)) return 'us';
  return '';
}

/** Parts the contacts for this kind of danger: those to show at once, and those of elsewhere. */
export function contactsFor(all: Contact[], kind: Kind, zone: string): [Contact[], Contact[]] {
  const kinds = kind === 'emergency' ? ['emergency'] : ['crisis', 'directory', 'emergency'];
  const wanted = kinds.flatMap((name) => all.filter((contact) => contact.kind === name));
  const hint = regionHint(zone);
  const near = ({ regions }: Contact) => regions.includes(hint) || regions.includes('international');
  if (!hint || !wanted.some(({ regions }) => regions.includes(hint))) return [wanted, []];
  return [wanted.filter(near), wanted.filter((contact) => !near(contact))];
}
