/** Svix signs for five minutes: https://docs.svix.com/receiving/verifying-payloads/how */
const TOLERANCE_SECONDS = 5 * 60;

/**
 * Why headers can't be those of a signed delivery, whatever the body; null: they may be. It is no stricter than the
 * verification itself, and spares reading a body and a hash of it.
 */
export function whyUnsigned(headers: Headers): string | null {
  const of = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`);
  const signature = of("signature");
  const sentAt = of("timestamp");
  if (!of("id") || !signature || !sentAt) return "Missing required headers";
  if (!/(^| )v1,/.test(signature)) return "No matching signature found";

  // As svix reads it.
  const ageSeconds = Math.floor(Date.now() / 1000) - parseInt(sentAt, 10);
  if (Number.isNaN(ageSeconds)) return "Invalid Signature Headers";
  if (ageSeconds > TOLERANCE_SECONDS) return "Message timestamp too old";
  if (ageSeconds < -TOLERANCE_SECONDS) return "Message timestamp too new";
  return null;
}
