// A real OpenID Connect server for tests. Its configuration and its accounts are JSON files; accounts are read at each
// login, so a test can change somebody's groups. Whoever names an account is logged in: there are no passwords.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(`${folder}/node_modules/oidc-provider/lib/index.js`));
const { port, clients, jwks, accounts, expiry = {} } = JSON.parse(readFileSync(file, "utf8"));
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks,
  cookies: { keys: ["only-in-tests"] },
  claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
  scopes: ["openid", "profile", "groups"],
  conformIdTokenClaims: true,
  ttl: { AuthorizationCode: 60, Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600, ...expiry },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  async findAccount(_context, id) {
    const claims = JSON.parse(readFileSync(accounts, "utf8"))[id];
    return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
  },
});
provider.listen(port, "127.0.0.1");
