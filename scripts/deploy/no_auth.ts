/** In the place of @supabase/auth-js: supabase-js extends its class, and makes none. */
export class AuthClient {
  constructor() {
    throw new Error("the bundle has no Auth: the client is given an accessToken");
  }
}
