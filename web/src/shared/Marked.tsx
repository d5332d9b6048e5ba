import { Fragment, type ReactNode } from "react";

import { type Mark, parts } from "./marks";

const TAGS: Record<Mark, "b" | "i" | "s" | "code"> = { bold: "b", italic: "i", struck: "s", typed: "code" };

/** A text as WhatsApp and the web chat show it: what is marked is bold, italic, struck or typed. What looks like HTML stays text. */
export function Marked({ text }: { text: string }) {
  return parts(text).map((part, index) => (
    <Fragment key={index}>
      {part.marks.reduceRight<ReactNode>((inner, mark) => {
        const Tag = TAGS[mark];
        return <Tag>{inner}</Tag>;
      }, part.text)}
    </Fragment>
  ));
}
