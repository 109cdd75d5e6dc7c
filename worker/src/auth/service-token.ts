/** The text of service tokens: `sg_ID_SECRET`. The id finds the row, which has a keyed hash of the secret. */
import { randomName } from "../ids.ts";
import { newSecret } from "./secrets.ts";

export interface ServiceToken {
  id: string;
  secret: string;
}

export const newServiceToken = (): ServiceToken => ({ id: `t${randomName(10)}`, secret: newSecret(26) });

export const serviceTokenText = ({ id, secret }: ServiceToken): string => `sg_${id}_${secret}`;

export function parseServiceToken(text: string): ServiceToken | undefined {
  const [, id, secret] = /^sg_(t[a-z2-7]{10})_([a-z2-9]{26})$/.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}
