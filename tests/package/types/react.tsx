// The element in a template of React 19.
import { useRef } from "react";
import "sendergate/element";
import type { SenderList } from "sendergate/element";

export function Form() {
  const list = useRef<SenderList>(null);
  return (
    <form>
      <sender-list key="a" ref={list} className="wide" id="a" kind="domains" name="domains" label="Domains" value="" required rows={4}>
        <span slot="hint">Separated by semicolons</span>
      </sender-list>
      <sender-list kind="senders" counterpart="a" readOnly onsender-list-parsed={(event) => event.detail.canonical.length} />
      {/* @ts-expect-error: there are two kinds */}
      <sender-list kind="others" />
      {/* @ts-expect-error: a number */}
      <sender-list rows="many" />
    </form>
  );
}
