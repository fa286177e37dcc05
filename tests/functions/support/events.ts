/** An event that asks for one RPC, delete_user. */
export const FOLLOWED = {
  type: "user.deleted",
  data: { id: "user_1" },
  instance_id: "ins_ours",
};

/** An event of a type that the sync does not follow. */
export const NOT_FOLLOWED = {
  type: "email.created",
  data: { id: "ema_1" },
  instance_id: "ins_ours",
};

/** What Clerk does not send: an id is a string. */
export const NONSENSE = { type: "user.deleted", data: { id: 1 }, instance_id: "ins_ours" };
