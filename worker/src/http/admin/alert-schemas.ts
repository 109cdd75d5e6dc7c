/** The alert settings of a list in the API. */
import { z } from "@hono/zod-openapi";
import { ALERT_ACTIONS } from "../../alerts/settings.ts";

/** A digest is at most a week old. */
const LONGEST_DIGEST = 7 * 24 * 60;
const MOST_ADDRESSES = 20;

const unique = (values: string[]) => new Set(values).size === values.length;

const Shared = {
  actions: z
    .array(z.enum(ALERT_ACTIONS))
    .max(2)
    .refine(unique, "an action is named twice")
    .openapi({ uniqueItems: true, description: "Which alerts are told; the Alert Center shows all of them." }),
  addresses: z
    .array(z.string().min(3).max(320))
    .max(MOST_ADDRESSES)
    .refine(unique, "an address is named twice")
    .openapi({ uniqueItems: true, description: "Who gets a mail.", example: ["postmaster@yourcompany.example"] }),
  digestMinutes: z.int().min(0).max(LONGEST_DIGEST).openapi({ description: "0: at once. Else alerts are gathered for so many minutes." }),
};

/** The body of `PUT /api/lists/{list}/alert-settings`. */
export const NewAlertSettings = z
  .strictObject({
    ...Shared,
    webhook: z
      .strictObject({
        url: z.string().min(1).max(2048).openapi({ example: "https://hooks.yourcompany.example/alerts" }),
        newSecret: z.boolean().default(false).openapi({ description: "Makes another secret; the answer shows it, once." }),
      })
      .nullable(),
  })
  .openapi("NewAlertSettings");

/** The answer of `GET` and `PUT`. */
export const AlertSettingsSchema = z
  .object({
    ...Shared,
    webhook: z
      .object({
        url: z.string(),
        secret: z.string().optional().openapi({ description: "Shown once, when it is made: notices are signed with it." }),
      })
      .nullable(),
    lastNotices: z
      .array(z.object({ channel: z.enum(["webhook", "mail"]), at: z.iso.datetime(), state: z.enum(["waiting", "sent", "failed"]), result: z.string().optional() }))
      .openapi({ description: "The last notice by each channel, and how it ended." }),
  })
  .openapi("AlertSettings");
