-- Entries outlive the users whom they name.
ALTER TABLE "Sys_Audit_Log_Entries" DROP CONSTRAINT "FK_Sys_Audit_Log_Entries_User_Id";

-- The chain of the audit log: each entry has a number and a hash over the one before and what it says.
CREATE TABLE "Ext_Audit_Chain" (
    "Number" bigint CONSTRAINT "PK_Ext_Audit_Chain_Number" PRIMARY KEY,
    "Audit_Log_Entry_Id" uuid NOT NULL CONSTRAINT "UQ_Ext_Audit_Chain_Audit_Log_Entry_Id" UNIQUE,
    "Hash" bytea NOT NULL CONSTRAINT "CK_Ext_Audit_Chain_Hash" CHECK (length("Hash") = 32)
);

-- One row: the end of the chain, and where it begins since old entries were removed. Whoever adds to
-- the chain holds this row until the transaction ends.
CREATE TABLE "Ext_Audit_Head" (
    "Head_Id" integer CONSTRAINT "PK_Ext_Audit_Head_Head_Id" PRIMARY KEY CONSTRAINT "CK_Ext_Audit_Head_Head_Id" CHECK ("Head_Id" = 1),
    "Last_Number" bigint NOT NULL,
    "Last_Hash" bytea NOT NULL,
    "Removed_Number" bigint NOT NULL,
    "Removed_Hash" bytea NOT NULL
);

INSERT INTO "Ext_Audit_Head" VALUES (1, 0, decode(repeat('00', 32), 'hex'), 0, decode(repeat('00', 32), 'hex'));

-- What the settings were at the last start, as keyed fingerprints.
CREATE TABLE "Ext_Audit_Settings" (
    "Name" text COLLATE "C" CONSTRAINT "PK_Ext_Audit_Settings_Name" PRIMARY KEY,
    "Fingerprint" text COLLATE "C" NOT NULL
);

CREATE FUNCTION "ext_audit_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is not changed'; END $$;

CREATE FUNCTION "ext_audit_entry_goes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM "Ext_Audit_Chain" c, "Ext_Audit_Head" h
        WHERE c."Audit_Log_Entry_Id" = OLD."Audit_Log_Entry_Id" AND c."Number" <= h."Removed_Number") THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log loses nothing but by its retention';
END $$;

CREATE FUNCTION "ext_audit_link_goes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM "Ext_Audit_Head" h WHERE OLD."Number" <= h."Removed_Number") THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log loses nothing but by its retention';
END $$;

CREATE FUNCTION "ext_audit_head_moves"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."Head_Id" <> OLD."Head_Id" OR NEW."Last_Number" < OLD."Last_Number"
        OR NEW."Removed_Number" < OLD."Removed_Number" OR NEW."Removed_Number" > NEW."Last_Number" THEN
        RAISE EXCEPTION 'the audit log only grows at its end';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER "TR_Ext_Audit_Entries_Update" BEFORE UPDATE OR TRUNCATE ON "Sys_Audit_Log_Entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "ext_audit_refuse"();
CREATE TRIGGER "TR_Ext_Audit_Entries_Delete" BEFORE DELETE ON "Sys_Audit_Log_Entries"
    FOR EACH ROW EXECUTE FUNCTION "ext_audit_entry_goes"();
CREATE TRIGGER "TR_Ext_Audit_Chain_Update" BEFORE UPDATE OR TRUNCATE ON "Ext_Audit_Chain"
    FOR EACH STATEMENT EXECUTE FUNCTION "ext_audit_refuse"();
CREATE TRIGGER "TR_Ext_Audit_Chain_Delete" BEFORE DELETE ON "Ext_Audit_Chain"
    FOR EACH ROW EXECUTE FUNCTION "ext_audit_link_goes"();
CREATE TRIGGER "TR_Ext_Audit_Head_Update" BEFORE UPDATE ON "Ext_Audit_Head"
    FOR EACH ROW EXECUTE FUNCTION "ext_audit_head_moves"();
CREATE TRIGGER "TR_Ext_Audit_Head_Delete" BEFORE DELETE OR TRUNCATE ON "Ext_Audit_Head"
    FOR EACH STATEMENT EXECUTE FUNCTION "ext_audit_refuse"();

-- Whoever lists all objects does not hear of entries.
DROP VIEW "Sys_Objects";

CREATE VIEW "Sys_Objects" ("rid", "Object_Id", "Additional_Data_Json", "Creation_Time_Utc", "Display_Name", "Display_Name_folded", "Entity_Item_Id", "Entity_Type", "Entity_Type_folded", "External_Id", "External_Id_folded", "External_System", "External_System_folded", "Is_Deleted", "Last_Update_Time_Utc", "Latest_Version", "Creation_User_Id", "Last_Update_User_Id") AS
SELECT "rid", "Entity_Permission_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Entity_Permission_Id", 'Ext.EntityPermissions'::text COLLATE "C", 'ext.entitypermissions'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Ext_Entity_Permissions"
UNION ALL
SELECT "rid", "Company_Employee_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Company_Employee_Id", 'General.Contacts.CompanyEmployees'::text COLLATE "C", 'general.contacts.companyemployees'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Cm_Company_Employees"
UNION ALL
SELECT "rid", "Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Id", 'General.Contacts.Parties'::text COLLATE "C", 'general.contacts.parties'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Gen_Parties"
UNION ALL
SELECT "rid", "Enterprise_Company_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Enterprise_Company_Id", 'General.EnterpriseCompanies'::text COLLATE "C", 'general.enterprisecompanies'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Gen_Enterprise_Companies"
UNION ALL
SELECT "rid", "Model_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Model_Id", 'Projects.AI.Models'::text COLLATE "C", 'projects.ai.models'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Llm_Models"
UNION ALL
SELECT "rid", "Property_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Property_Id", 'Systems.Bpm.CustomProperties'::text COLLATE "C", 'systems.bpm.customproperties'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Gen_Properties"
UNION ALL
SELECT "rid", "Property_Value_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Property_Value_Id", 'Systems.Bpm.CustomPropertyValues'::text COLLATE "C", 'systems.bpm.custompropertyvalues'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Gen_Property_Values"
UNION ALL
SELECT "rid", "Web_Hook_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Web_Hook_Id", 'Systems.Config.WebHooks'::text COLLATE "C", 'systems.config.webhooks'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sys_Web_Hooks"
UNION ALL
SELECT "rid", "Notification_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Notification_Id", 'Systems.Core.Notifications'::text COLLATE "C", 'systems.core.notifications'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Cmm_Notifications"
UNION ALL
SELECT "rid", "Object_Changeset_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Object_Changeset_Id", 'Systems.Core.ObjectChangesets'::text COLLATE "C", 'systems.core.objectchangesets'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sys_Object_Changesets"
UNION ALL
SELECT "rid", "Access_Key_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Access_Key_Id", 'Systems.Security.AccessKeys'::text COLLATE "C", 'systems.security.accesskeys'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Access_Keys"
UNION ALL
SELECT "rid", "Access_Token_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Access_Token_Id", 'Systems.Security.AccessTokens'::text COLLATE "C", 'systems.security.accesstokens'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Access_Tokens"
UNION ALL
SELECT "rid", "Column_Permission_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Column_Permission_Id", 'Systems.Security.ColumnPermissions'::text COLLATE "C", 'systems.security.columnpermissions'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Column_Permissions"
UNION ALL
SELECT "rid", "Domain_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Domain_Id", 'Systems.Security.Domains'::text COLLATE "C", 'systems.security.domains'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Domains"
UNION ALL
SELECT "rid", "Group_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Group_Id", 'Systems.Security.Groups'::text COLLATE "C", 'systems.security.groups'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Groups"
UNION ALL
SELECT "rid", "Role_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Role_Id", 'Systems.Security.Roles'::text COLLATE "C", 'systems.security.roles'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Wf_Roles"
UNION ALL
SELECT "rid", "Trusted_Application_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Trusted_Application_Id", 'Systems.Security.TrustedApplications'::text COLLATE "C", 'systems.security.trustedapplications'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Trusted_Applications"
UNION ALL
SELECT "rid", "User_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "User_Id", 'Systems.Security.Users'::text COLLATE "C", 'systems.security.users'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sec_Users";
