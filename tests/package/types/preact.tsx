// The element in a template of Preact.
import { createRef } from "preact";
import "sendergate/element";
import type { SenderList } from "sendergate/element";

const list = createRef<SenderList>();
export const form = (
  <form>
    <sender-list key="a" ref={list} class="wide" id="a" kind="domains" name="domains" label="Domains" value="" required rows={4} />
    <sender-list kind="senders" counterpart="a" onsender-list-parsed={(event) => event.detail.canonical.length} />
    {/* @ts-expect-error: there are two kinds */}
    <sender-list kind="others" />
  </form>
);
