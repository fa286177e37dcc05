import { writeSecretFile } from "./secret_file.ts";

/** What another program needs to use the running stack. */
export type StackEnv = {
  API_URL: string;
  DB_URL: string;
  WEBHOOK_URL: string;
  CLERK_WEBHOOK_SECRET: string;
  SECRET_KEY: string;
  PUBLISHABLE_KEY: string;
  JWT_SECRET: string;
  /** The `iss` of session tokens that the stack accepts in Clerk's place. */
  CLERK_ISSUER: string;
  /** Signs them: a private JWK, as `encodeSigningKey` writes it. */
  CLERK_SIGNING_KEY: string;
};

/** Writes the environment in dotenv form: the file is there exactly while the stack is ready. */
export function writeEnvFile(file: string, env: StackEnv): void {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeSecretFile(file, lines.join(""));
}
