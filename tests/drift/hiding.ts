import type { ClerkInstance, ListQuery, Page } from "../clerk_api/instance.ts";

const WHOLE: ListQuery = { limit: Infinity, offset: 0, isAscending: true };

/** An instance whose lists lack some objects that it has: whoever asks for one of them alone gets it. */
export function hiding(instance: ClerkInstance, ids: string[]): ClerkInstance {
  const isShown = (text: string) => !ids.includes(JSON.parse(text).id);
  const pageOf = (items: string[], { limit, offset }: ListQuery): Page => {
    const shown = items.filter(isShown);
    return { items: shown.slice(offset, offset + limit), total: shown.length };
  };
  return {
    id: instance.id,
    user: (id) => instance.user(id),
    organization: (id) => instance.organization(id),
    countUsers: (some) => instance.countUsers(some),
    users: (query) =>
      query.ids
        ? instance.users(query)
        : pageOf(instance.users({ ...query, ...WHOLE }), query).items,
    organizations: (query) => pageOf(instance.organizations(WHOLE).items, query),
    memberships: (query) =>
      query.organizationId || query.userIds
        ? instance.memberships(query)
        : pageOf(instance.memberships({ ...query, ...WHOLE }).items, query),
  };
}
