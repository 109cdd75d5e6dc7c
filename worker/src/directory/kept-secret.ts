/** The stored form of a secret: its HMAC-SHA-256, and the id of the pepper. */
export interface KeptSecret {
  mac: string;
  pepperId: string;
}
