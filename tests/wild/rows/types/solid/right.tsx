import "sendergate/element";

export const form = (
  <form>
    <sender-list kind="domains" name="domains" label="Domains" required on:sender-list-parsed={({ detail }) => detail.canonical}></sender-list>
    <sender-list kind="senders" name="senders" counterpart="domains" placeholder="info@a.example" rows={3} id="senders" />
  </form>
);
