// Icons and colours by the names that the server gives. An unknown name falls back, so that plug-ins need no code here.
import {
  IconApi, IconArrowBackUp, IconArrowRightCircle, IconArrowsSplit, IconBell, IconBolt, IconBraces, IconCalendar, IconCircleCheck, IconCircleMinus, IconCirclePlus, IconClock, IconCode, IconCornerDownRight, IconDatabase, IconFlag, IconForms, IconHeadset,
  IconHourglass, IconMail, IconMessage, IconNote, IconPhoto, IconPlayerPlay, IconPlayerStop, IconPuzzle, IconRoute, IconSend, IconSparkles, IconTag, IconTags,
  IconUser, IconUserEdit, IconUsers, IconVariable, IconWebhook, IconWorld, type Icon,
} from "@tabler/icons-react";

const ICONS: Record<string, Icon> = {
  api: IconApi, "arrow-back-up": IconArrowBackUp, "arrow-right-circle": IconArrowRightCircle, "corner-down-right": IconCornerDownRight, "arrows-split": IconArrowsSplit, bell: IconBell, bolt: IconBolt, braces: IconBraces, calendar: IconCalendar, "circle-check": IconCircleCheck, "circle-minus": IconCircleMinus, "circle-plus": IconCirclePlus, clock: IconClock,
  code: IconCode, database: IconDatabase, flag: IconFlag, forms: IconForms, headset: IconHeadset, hourglass: IconHourglass, mail: IconMail,
  message: IconMessage, note: IconNote, photo: IconPhoto, play: IconPlayerPlay, "player-play": IconPlayerPlay, stop: IconPlayerStop,
  "player-stop": IconPlayerStop, route: IconRoute, "git-branch": IconRoute, send: IconSend, sparkles: IconSparkles, tag: IconTag, tags: IconTags, user: IconUser,
  "user-edit": IconUserEdit, users: IconUsers, variable: IconVariable, webhook: IconWebhook, world: IconWorld,
};

export const iconOf = (name: string): Icon => ICONS[name] ?? IconPuzzle;

const COLOURS = new Set(["gray", "red", "pink", "grape", "violet", "indigo", "blue", "cyan", "teal", "green", "lime", "yellow", "orange", "iris"]);

/** Ground and ink of a colour name, in both schemes. */
export function tint(colour: string): { background: string; color: string } {
  const name = COLOURS.has(colour) ? colour : "gray";
  return { background: `var(--mantine-color-${name}-light)`, color: `var(--mantine-color-${name}-light-color)` };
}

/** What the kinds of ways out are called, for tooltips and readers. */
export const PORT_WORDS: Record<string, string> = { next: "goes on", branch: "a choice", timeout: "time is up", error: "something failed" };

export const GROUPS: Record<string, string> = { start: "Start", messages: "Messages", logic: "Logic", people: "People", actions: "Actions" };
