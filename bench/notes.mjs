// Why a goal is missed, for as long as it is: shown under the table only then.

/** @type {{ when: RegExp, why: string }[]} tested against "what against peer" */
export const NOTES = [];
