"use client";
// A client component with the element.
import { useEffect } from "react";
import * as api from "sendergate";
import "sendergate/element";
import { tellPage } from "../../program/tell.mjs";

export default function Form() {
  useEffect(() => void tellPage(api), []);
  return (
    <form>
      <sender-list kind="domains" name="domains" label="Domains"></sender-list>
    </form>
  );
}
