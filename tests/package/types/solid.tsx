// The element in a template of Solid.
import "sendergate/element";
import type { SenderList } from "sendergate/element";

let list: SenderList | undefined;
export const form = (
  <form>
    <sender-list ref={list} class="wide" id="a" kind="domains" name="domains" label="Domains" value="" required rows={4} />
    <sender-list kind="senders" counterpart="a" on:sender-list-parsed={(event) => event.detail.canonical.length} />
    {/* @ts-expect-error: there are two kinds */}
    <sender-list kind="others" />
  </form>
);
