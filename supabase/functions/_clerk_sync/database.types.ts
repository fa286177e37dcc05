// Made by `npm run types` from the migrations. Not to be edited.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "organization_invitations": {
        Row: {
          "clerk_role": string;
          "created_at": string;
          "email": string;
          "expires_at": string | null;
          "external_id": string;
          "id": string;
          "inviter_external_id": string | null;
          "organization_external_id": string;
          "role": string;
          "status": string;
          "updated_at": string;
          "user_external_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "clerk_role": string;
          "created_at": string;
          "email": string;
          "expires_at"?: string | null;
          "external_id": string;
          "id"?: string;
          "inviter_external_id"?: string | null;
          "organization_external_id": string;
          "role": string;
          "status": string;
          "updated_at": string;
          "user_external_id"?: string | null;
        };
        Update: {
          "clerk_role"?: string;
          "created_at"?: string;
          "email"?: string;
          "expires_at"?: string | null;
          "external_id"?: string;
          "id"?: string;
          "inviter_external_id"?: string | null;
          "organization_external_id"?: string;
          "role"?: string;
          "status"?: string;
          "updated_at"?: string;
          "user_external_id"?: string | null;
        };
        Relationships: [];
      };
      "organization_members": {
        Row: {
          "clerk_role": string | null;
          "external_id": string | null;
          "id": string;
          "joined_at": string;
          "organization_id": string;
          "role": string;
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "clerk_role"?: string | null;
          "external_id"?: string | null;
          "id"?: string;
          "joined_at"?: string;
          "organization_id": string;
          "role"?: string;
          "status"?: string;
          "updated_at"?: string;
          "user_id": string;
        };
        Update: {
          "clerk_role"?: string | null;
          "external_id"?: string | null;
          "id"?: string;
          "joined_at"?: string;
          "organization_id"?: string;
          "role"?: string;
          "status"?: string;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "organization_members_organization_exists";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "organizations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_exists";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "organization_members_user_is_shared";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "public_user_data";
            referencedColumns: ["id"];
          },
        ];
      };
      "organizations": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "deleted_at": string | null;
          "external_id": string;
          "id": string;
          "logo_url": string | null;
          "name": string;
          "plan": string | null;
          "public_metadata": NonNullable<Json>;
          "slug": string | null;
          "timezone": string | null;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "deleted_at"?: string | null;
          "external_id": string;
          "id"?: string;
          "logo_url"?: string | null;
          "name": string;
          "plan"?: string | null;
          "public_metadata"?: NonNullable<Json>;
          "slug"?: string | null;
          "timezone"?: string | null;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "deleted_at"?: string | null;
          "external_id"?: string;
          "id"?: string;
          "logo_url"?: string | null;
          "name"?: string;
          "plan"?: string | null;
          "public_metadata"?: NonNullable<Json>;
          "slug"?: string | null;
          "timezone"?: string | null;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "public_user_data": {
        Row: {
          "avatar_url": string | null;
          "email": string;
          "external_id": string;
          "full_name": string | null;
          "id": string;
          "username": string | null;
        };
        ComputedFields: never;
        Insert: {
          "avatar_url"?: string | null;
          "email": string;
          "external_id": string;
          "full_name"?: string | null;
          "id": string;
          "username"?: string | null;
        };
        Update: {
          "avatar_url"?: string | null;
          "email"?: string;
          "external_id"?: string;
          "full_name"?: string | null;
          "id"?: string;
          "username"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "public_user_data_user_exists";
            columns: ["id"];
            isOneToOne: true;
            referencedRelation: "users";
            referencedColumns: ["id"];
          },
        ];
      };
      "subscriptions": {
        Row: {
          "created_at": string;
          "external_id": string;
          "id": string;
          "interval": string | null;
          "is_free_trial": boolean;
          "organization_external_id": string | null;
          "period_end": string | null;
          "period_start": string | null;
          "plan": string | null;
          "plan_name": string | null;
          "seats": number | null;
          "status": string;
          "subscription_external_id": string | null;
          "updated_at": string;
          "user_external_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at": string;
          "external_id": string;
          "id"?: string;
          "interval"?: string | null;
          "is_free_trial"?: boolean;
          "organization_external_id"?: string | null;
          "period_end"?: string | null;
          "period_start"?: string | null;
          "plan"?: string | null;
          "plan_name"?: string | null;
          "seats"?: number | null;
          "status": string;
          "subscription_external_id"?: string | null;
          "updated_at": string;
          "user_external_id"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "external_id"?: string;
          "id"?: string;
          "interval"?: string | null;
          "is_free_trial"?: boolean;
          "organization_external_id"?: string | null;
          "period_end"?: string | null;
          "period_start"?: string | null;
          "plan"?: string | null;
          "plan_name"?: string | null;
          "seats"?: number | null;
          "status"?: string;
          "subscription_external_id"?: string | null;
          "updated_at"?: string;
          "user_external_id"?: string | null;
        };
        Relationships: [];
      };
      "user_sessions": {
        Row: {
          "actor_external_id": string | null;
          "browser": string | null;
          "city": string | null;
          "client_id": string | null;
          "country": string | null;
          "created_at": string;
          "device": string | null;
          "ended_at": string | null;
          "expire_at": string | null;
          "external_id": string;
          "id": string;
          "last_active_at": string | null;
          "status": string;
          "updated_at": string;
          "user_external_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_external_id"?: string | null;
          "browser"?: string | null;
          "city"?: string | null;
          "client_id"?: string | null;
          "country"?: string | null;
          "created_at": string;
          "device"?: string | null;
          "ended_at"?: string | null;
          "expire_at"?: string | null;
          "external_id": string;
          "id"?: string;
          "last_active_at"?: string | null;
          "status": string;
          "updated_at": string;
          "user_external_id": string;
        };
        Update: {
          "actor_external_id"?: string | null;
          "browser"?: string | null;
          "city"?: string | null;
          "client_id"?: string | null;
          "country"?: string | null;
          "created_at"?: string;
          "device"?: string | null;
          "ended_at"?: string | null;
          "expire_at"?: string | null;
          "external_id"?: string;
          "id"?: string;
          "last_active_at"?: string | null;
          "status"?: string;
          "updated_at"?: string;
          "user_external_id"?: string;
        };
        Relationships: [];
      };
      "users": {
        Row: {
          "avatar_url": string | null;
          "banned": boolean;
          "created_at": string;
          "deleted_at": string | null;
          "deprovisioned": boolean;
          "email": string;
          "external_id": string;
          "full_name": string | null;
          "id": string;
          "public_metadata": NonNullable<Json>;
          "updated_at": string;
          "username": string | null;
        };
        ComputedFields: never;
        Insert: {
          "avatar_url"?: string | null;
          "banned"?: boolean;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "deprovisioned"?: boolean;
          "email": string;
          "external_id": string;
          "full_name"?: string | null;
          "id"?: string;
          "public_metadata"?: NonNullable<Json>;
          "updated_at"?: string;
          "username"?: string | null;
        };
        Update: {
          "avatar_url"?: string | null;
          "banned"?: boolean;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "deprovisioned"?: boolean;
          "email"?: string;
          "external_id"?: string;
          "full_name"?: string | null;
          "id"?: string;
          "public_metadata"?: NonNullable<Json>;
          "updated_at"?: string;
          "username"?: string | null;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "active_organization_id": { Args: Record<PropertyKey, never>; Returns: string };
      "delete_org": {
        Args: {
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_external_id": string;
          "p_instance_id"?: string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "delete_user": {
        Args: {
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_external_id": string;
          "p_instance_id"?: string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "has_feature": { Args: { "p_feature": string }; Returns: boolean };
      "has_permission": { Args: { "p_permission": string }; Returns: boolean };
      "has_plan": { Args: { "p_plan": string }; Returns: boolean };
      "has_role": { Args: { "p_role": string }; Returns: boolean };
      "is_admin_of": { Args: { "p_organization_id": string }; Returns: boolean };
      "is_member_of": { Args: { "p_organization_id": string }; Returns: boolean };
      "is_owner_of": { Args: { "p_organization_id": string }; Returns: boolean };
      "my_colleague_ids": { Args: { "p_first"?: string; "p_last"?: string }; Returns: string[] };
      "my_organization_ids": { Args: { "p_roles"?: (string)[] }; Returns: string[] };
      "my_organizations": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "external_id": string;
          "id": string;
          "joined_at": string;
          "logo_url": string;
          "name": string;
          "plan": string;
          "role": string;
          "slug": string;
          "timezone": string;
        }[];
      };
      "my_plan": { Args: Record<PropertyKey, never>; Returns: string };
      "my_user": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "avatar_url": string | null;
          "banned": boolean;
          "created_at": string;
          "deleted_at": string | null;
          "deprovisioned": boolean;
          "email": string;
          "external_id": string;
          "full_name": string | null;
          "id": string;
          "public_metadata": NonNullable<Json>;
          "updated_at": string;
          "username": string | null;
        };
        SetofOptions: {
          from: "*";
          to: "users";
          isOneToOne: true;
          isSetofReturn: true;
        };
      };
      "my_user_id": { Args: Record<PropertyKey, never>; Returns: string };
      "record_event": {
        Args: {
          "p_ends_access"?: boolean;
          "p_error"?: string;
          "p_error_code"?: string;
          "p_event_at"?: string;
          "p_event_id": string;
          "p_event_type"?: string;
          "p_object_id"?: string;
          "p_organization_external_id"?: string;
          "p_outcome": string;
          "p_user_external_id"?: string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "record_session": {
        Args: {
          "p_actor_external_id"?: string;
          "p_browser"?: string;
          "p_city"?: string;
          "p_client_id"?: string;
          "p_country"?: string;
          "p_created_at"?: string;
          "p_device"?: string;
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_expire_at"?: string;
          "p_external_id": string;
          "p_instance_id"?: string;
          "p_last_active_at"?: string;
          "p_status"?: string;
          "p_updated_at"?: string;
          "p_user_external_id": string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "record_snapshots": {
        Args: {
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_instance_id"?: string;
          "p_kind": string;
          "p_object_id"?: string;
          "p_snapshots": Json;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "remove_membership": {
        Args: {
          "p_created_at"?: string;
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_external_id"?: string;
          "p_instance_id"?: string;
          "p_organization_created_by"?: string;
          "p_organization_external_id": string;
          "p_organization_logo_url"?: string;
          "p_organization_name"?: string;
          "p_organization_slug"?: string;
          "p_user_avatar_url"?: string;
          "p_user_banned"?: boolean;
          "p_user_deprovisioned"?: boolean;
          "p_user_email"?: string;
          "p_user_external_id"?: string;
          "p_user_full_name"?: string;
          "p_user_username"?: string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "set_membership": {
        Args: {
          "p_created_at"?: string;
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_external_id"?: string;
          "p_instance_id"?: string;
          "p_organization_created_by"?: string;
          "p_organization_external_id": string;
          "p_organization_logo_url"?: string;
          "p_organization_name"?: string;
          "p_organization_slug"?: string;
          "p_role"?: string;
          "p_updated_at"?: string;
          "p_user_avatar_url"?: string;
          "p_user_banned"?: boolean;
          "p_user_deprovisioned"?: boolean;
          "p_user_email"?: string;
          "p_user_external_id": string;
          "p_user_full_name"?: string;
          "p_user_username"?: string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "sync_applied_migrations": { Args: Record<PropertyKey, never>; Returns: (string)[] };
      "sync_apply_events": { Args: { "p_calls": Json }; Returns: Json };
      "sync_bind_instance": {
        Args: { "p_instance_id": string; "p_switch"?: boolean };
        Returns: string;
      };
      "sync_bound_instance": { Args: Record<PropertyKey, never>; Returns: string };
      "sync_close_event": { Args: { "p_event_id": string }; Returns: string };
      "sync_compare_memberships": {
        Args: { "p_memberships": Json };
        Returns: Database["public"]["CompositeTypes"]["sync_difference"][];
        SetofOptions: {
          from: "*";
          to: "sync_difference";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "sync_compare_orgs": {
        Args: { "p_organizations": Json };
        Returns: Database["public"]["CompositeTypes"]["sync_difference"][];
        SetofOptions: {
          from: "*";
          to: "sync_difference";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "sync_compare_snapshots": {
        Args: { "p_kind": string; "p_snapshots": Json };
        Returns: Database["public"]["CompositeTypes"]["sync_difference"][];
        SetofOptions: {
          from: "*";
          to: "sync_difference";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "sync_compare_users": {
        Args: { "p_users": Json };
        Returns: Database["public"]["CompositeTypes"]["sync_difference"][];
        SetofOptions: {
          from: "*";
          to: "sync_difference";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "sync_describe_keeping_keys": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "constraint_name": string;
          "referenced_table": string;
          "table_name": string;
        }[];
      };
      "sync_describe_rpcs": {
        Args: { "p_names": (string)[] };
        Returns: {
          "callers": (string)[];
          "parameters": (string)[];
          "rpc": string;
        }[];
      };
      "sync_describe_tables": {
        Args: Record<PropertyKey, never>;
        Returns: {
          "anon_may": (string)[];
          "authenticated_may": (string)[];
          "has_row_level_security": boolean;
          "table_name": string;
        }[];
      };
      "sync_disable_change_queue": { Args: Record<PropertyKey, never>; Returns: undefined };
      "sync_enable_change_queue": { Args: { "p_sources"?: (string)[] }; Returns: number };
      "sync_enable_realtime": { Args: Record<PropertyKey, never>; Returns: undefined };
      "sync_erase_on_delete": { Args: { "p_is_on"?: boolean }; Returns: boolean };
      "sync_erase_user": {
        Args: { "p_external_id": string };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "sync_event_series": {
        Args: { "p_bucket_minutes"?: number; "p_minutes"?: number };
        Returns: Json;
      };
      "sync_is_purge_scheduled": { Args: Record<PropertyKey, never>; Returns: boolean };
      "sync_last_run": { Args: { "p_kind": string }; Returns: Json };
      "sync_list_events": {
        Args: {
          "p_before"?: string;
          "p_clerk_id"?: string;
          "p_event_type"?: string;
          "p_limit"?: number;
          "p_outcomes"?: (string)[];
          "p_since"?: string;
        };
        Returns: {
          "apply_ms": number;
          "attempts": number;
          "effect": string;
          "error": string;
          "error_code": string;
          "event_at": string;
          "event_id": string;
          "event_type": string;
          "first_received_at": string;
          "last_received_at": string;
          "next_attempt_at": string;
          "object_id": string;
          "organization_external_id": string;
          "outcome": string;
          "outcome_at": string;
          "user_external_id": string;
        }[];
      };
      "sync_list_memberships": {
        Args: {
          "p_after"?: string;
          "p_limit"?: number;
          "p_organization_external_id"?: string;
          "p_user_external_id"?: string;
        };
        Returns: {
          "external_id": string;
          "id": string;
          "organization_external_id": string;
          "user_external_id": string;
        }[];
      };
      "sync_list_orgs": {
        Args: { "p_after"?: string; "p_limit"?: number };
        Returns: {
          "external_id": string;
        }[];
      };
      "sync_list_snapshots": {
        Args: {
          "p_after"?: string;
          "p_kind": string;
          "p_limit"?: number;
          "p_organization_external_id"?: string;
          "p_user_external_id"?: string;
        };
        Returns: {
          "external_id": string;
          "organization_external_id": string;
          "user_external_id": string;
        }[];
      };
      "sync_list_users": {
        Args: { "p_after"?: string; "p_limit"?: number };
        Returns: {
          "external_id": string;
        }[];
      };
      "sync_metrics": { Args: Record<PropertyKey, never>; Returns: Json };
      "sync_open_causes": {
        Args: { "p_limit"?: number };
        Returns: {
          "error": string;
          "error_code": string;
          "event_types": Json;
          "events": number;
          "first_received_at": string;
          "last_received_at": string;
          "newest_event_id": string;
          "next_attempt_at": string;
          "not_again": number;
          "outcome": string;
        }[];
      };
      "sync_plan_follows_billing": { Args: { "p_is_on"?: boolean }; Returns: boolean };
      "sync_purge_events": { Args: { "p_batch"?: number; "p_older_than"?: string }; Returns: Json };
      "sync_record_snapshots": { Args: { "p_kind": string; "p_snapshots": Json }; Returns: Json };
      "sync_retry_event": { Args: { "p_arguments": Json; "p_rpc": string }; Returns: Json };
      "sync_row_counts": { Args: Record<PropertyKey, never>; Returns: Json };
      "sync_save_run": {
        Args: { "p_id": string; "p_is_finished"?: boolean; "p_kind": string; "p_state": Json };
        Returns: undefined;
      };
      "sync_schedule_purge": { Args: { "p_older_than"?: string }; Returns: string };
      "sync_set_memberships": { Args: { "p_memberships": Json }; Returns: Json };
      "sync_status": { Args: Record<PropertyKey, never>; Returns: Json };
      "sync_upsert_orgs": { Args: { "p_organizations": Json }; Returns: Json };
      "sync_upsert_users": { Args: { "p_users": Json }; Returns: Json };
      "sync_version": { Args: Record<PropertyKey, never>; Returns: string };
      "upsert_org_with_owner": {
        Args: {
          "p_created_at"?: string;
          "p_created_by"?: string;
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_external_id": string;
          "p_instance_id"?: string;
          "p_logo_url"?: string;
          "p_name": string;
          "p_public_metadata"?: Json;
          "p_slug"?: string;
          "p_updated_at"?: string;
          "p_with_owner"?: boolean;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
      "upsert_user": {
        Args: {
          "p_avatar_url"?: string;
          "p_banned"?: boolean;
          "p_created_at"?: string;
          "p_deprovisioned"?: boolean;
          "p_email"?: string;
          "p_event_at"?: string;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_external_id": string;
          "p_full_name"?: string;
          "p_instance_id"?: string;
          "p_public_metadata"?: Json;
          "p_updated_at"?: string;
          "p_username"?: string;
        };
        Returns: Database["public"]["Enums"]["sync_outcome"];
      };
    };
    Enums: {
      "sync_outcome": "applied" | "duplicate" | "stale" | "ignored";
    };
    CompositeTypes: {
      "sync_difference": {
        "external_id": string | null;
        "kind": string | null;
        "fields": (string)[] | null;
        "updated_at": string | null;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {
      "sync_outcome": ["applied", "duplicate", "stale", "ignored"],
    },
  },
} as const;
