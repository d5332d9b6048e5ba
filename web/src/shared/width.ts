import { useMediaQuery } from "@mantine/hooks";

const ONCE = { getInitialValueInEffect: false };

/** Whether the page is as narrow as on a phone, where one thing is shown at a time. The style sheets have the same number. */
export const usePhone = (): boolean => useMediaQuery("(max-width: 700px)", false, ONCE);

/** Whether there is room for a third column beside a list and what it opens. */
export const useRoomy = (): boolean => useMediaQuery("(min-width: 1280px)", true, ONCE);
