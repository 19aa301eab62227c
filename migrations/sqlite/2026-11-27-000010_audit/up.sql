DROP VIEW "Sys_Objects";

-- Entries outlive the users whom they name.
ALTER TABLE "Sys_Audit_Log_Entries" RENAME TO "Old_Audit_Log_Entries";

CREATE TABLE "Sys_Audit_Log_Entries" (
    "rid" INTEGER CONSTRAINT "PK_Sys_Audit_Log_Entries_rid" PRIMARY KEY,
    "Audit_Log_Entry_Id" BLOB CONSTRAINT "UQ_Sys_Audit_Log_Entries_Audit_Log_Entry_Id" UNIQUE CONSTRAINT "CK_Sys_Audit_Log_Entries_Audit_Log_Entry_Id" CHECK (length("Audit_Log_Entry_Id") = 16) NOT NULL,
    "Application_Name" TEXT,
    "Application_Name_folded" TEXT,
    "Details" TEXT,
    "Entity_Item_Id" BLOB CONSTRAINT "CK_Sys_Audit_Log_Entries_Entity_Item_Id" CHECK (length("Entity_Item_Id") = 16),
    "Entity_Name" TEXT,
    "Entity_Name_folded" TEXT,
    "Event_Class" TEXT CONSTRAINT "CK_Sys_Audit_Log_Entries_Event_Class" CHECK ("Event_Class" IN ('E', 'A', 'S', 'P')) NOT NULL,
    "Event_Name" TEXT,
    "Event_Name_folded" TEXT,
    "Event_Time_Utc" INTEGER NOT NULL,
    "Event_Type" TEXT CONSTRAINT "CK_Sys_Audit_Log_Entries_Event_Type" CHECK ("Event_Type" IN ('EID', 'ELD', 'ECR', 'EUP', 'EDE', 'EMT', 'ETH', 'AIN', 'AOU', 'AUP', 'AFL', 'APW', 'ATH', 'STH', 'APC', 'PSA', 'PSD', 'PSB', 'PSW', 'PSO')) NOT NULL,
    "User_Id" BLOB CONSTRAINT "CK_Sys_Audit_Log_Entries_User_Id" CHECK (length("User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

INSERT INTO "Sys_Audit_Log_Entries" SELECT * FROM "Old_Audit_Log_Entries";

DROP TABLE "Old_Audit_Log_Entries";

CREATE INDEX "IX_Sys_Audit_Log_Entries_User" ON "Sys_Audit_Log_Entries" ("User_Id", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_ApplicationName" ON "Sys_Audit_Log_Entries" ("Application_Name_folded", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_EntityItemId" ON "Sys_Audit_Log_Entries" ("Entity_Item_Id", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_EntityName" ON "Sys_Audit_Log_Entries" ("Entity_Name_folded", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_EventName" ON "Sys_Audit_Log_Entries" ("Event_Name_folded", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_EventTimeUtc" ON "Sys_Audit_Log_Entries" ("Event_Time_Utc", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_ExternalId" ON "Sys_Audit_Log_Entries" ("External_Id_folded", "External_Id", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_ExternalId_Exact" ON "Sys_Audit_Log_Entries" ("External_Id", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_ExternalSystem" ON "Sys_Audit_Log_Entries" ("External_System", "Audit_Log_Entry_Id");

CREATE INDEX "IX_Sys_Audit_Log_Entries_AggregateLastUpdateTimeUtc" ON "Sys_Audit_Log_Entries" ("Last_Update_Time_Utc", "Audit_Log_Entry_Id");

-- The chain of the audit log: each entry has a number and a hash over the one before and what it says.
CREATE TABLE "Ext_Audit_Chain" (
    "Number" INTEGER CONSTRAINT "PK_Ext_Audit_Chain_Number" PRIMARY KEY,
    "Audit_Log_Entry_Id" BLOB NOT NULL CONSTRAINT "UQ_Ext_Audit_Chain_Audit_Log_Entry_Id" UNIQUE CONSTRAINT "CK_Ext_Audit_Chain_Audit_Log_Entry_Id" CHECK (length("Audit_Log_Entry_Id") = 16),
    "Hash" BLOB NOT NULL CONSTRAINT "CK_Ext_Audit_Chain_Hash" CHECK (length("Hash") = 32)
) STRICT;

-- One row: the end of the chain, and where it begins since old entries were removed.
CREATE TABLE "Ext_Audit_Head" (
    "Head_Id" INTEGER CONSTRAINT "PK_Ext_Audit_Head_Head_Id" PRIMARY KEY CONSTRAINT "CK_Ext_Audit_Head_Head_Id" CHECK ("Head_Id" = 1),
    "Last_Number" INTEGER NOT NULL,
    "Last_Hash" BLOB NOT NULL,
    "Removed_Number" INTEGER NOT NULL,
    "Removed_Hash" BLOB NOT NULL
) STRICT;

INSERT INTO "Ext_Audit_Head" VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- What the settings were at the last start, as keyed fingerprints.
CREATE TABLE "Ext_Audit_Settings" (
    "Name" TEXT CONSTRAINT "PK_Ext_Audit_Settings_Name" PRIMARY KEY NOT NULL,
    "Fingerprint" TEXT NOT NULL
) STRICT;

CREATE TRIGGER "TR_Ext_Audit_Entries_Update" BEFORE UPDATE ON "Sys_Audit_Log_Entries"
BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;

CREATE TRIGGER "TR_Ext_Audit_Entries_Delete" BEFORE DELETE ON "Sys_Audit_Log_Entries"
WHEN NOT EXISTS (SELECT 1 FROM "Ext_Audit_Chain" c, "Ext_Audit_Head" h
    WHERE c."Audit_Log_Entry_Id" = OLD."Audit_Log_Entry_Id" AND c."Number" <= h."Removed_Number")
BEGIN SELECT RAISE(ABORT, 'the audit log loses nothing but by its retention'); END;

CREATE TRIGGER "TR_Ext_Audit_Chain_Update" BEFORE UPDATE ON "Ext_Audit_Chain"
BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;

CREATE TRIGGER "TR_Ext_Audit_Chain_Delete" BEFORE DELETE ON "Ext_Audit_Chain"
WHEN NOT EXISTS (SELECT 1 FROM "Ext_Audit_Head" h WHERE OLD."Number" <= h."Removed_Number")
BEGIN SELECT RAISE(ABORT, 'the audit log loses nothing but by its retention'); END;

CREATE TRIGGER "TR_Ext_Audit_Head_Update" BEFORE UPDATE ON "Ext_Audit_Head"
WHEN NEW."Head_Id" <> OLD."Head_Id" OR NEW."Last_Number" < OLD."Last_Number"
    OR NEW."Removed_Number" < OLD."Removed_Number" OR NEW."Removed_Number" > NEW."Last_Number"
BEGIN SELECT RAISE(ABORT, 'the audit log only grows at its end'); END;

CREATE TRIGGER "TR_Ext_Audit_Head_Delete" BEFORE DELETE ON "Ext_Audit_Head"
BEGIN SELECT RAISE(ABORT, 'the audit log keeps its head'); END;

-- Whoever lists all objects does not hear of entries.
CREATE VIEW "Sys_Objects" ("rid", "Object_Id", "Additional_Data_Json", "Creation_Time_Utc", "Display_Name", "Display_Name_folded", "Entity_Item_Id", "Entity_Type", "Entity_Type_folded", "External_Id", "External_Id_folded", "External_System", "External_System_folded", "Is_Deleted", "Last_Update_Time_Utc", "Latest_Version", "Creation_User_Id", "Last_Update_User_Id") AS
SELECT "rid", "Entity_Permission_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Entity_Permission_Id", 'Ext.EntityPermissions', 'ext.entitypermissions', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Ext_Entity_Permissions"
UNION ALL
SELECT "rid", "Company_Employee_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Company_Employee_Id", 'General.Contacts.CompanyEmployees', 'general.contacts.companyemployees', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Cm_Company_Employees"
UNION ALL
SELECT "rid", "Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Id", 'General.Contacts.Parties', 'general.contacts.parties', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Gen_Parties"
UNION ALL
SELECT "rid", "Enterprise_Company_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Enterprise_Company_Id", 'General.EnterpriseCompanies', 'general.enterprisecompanies', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Gen_Enterprise_Companies"
UNION ALL
SELECT "rid", "Model_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Model_Id", 'Projects.AI.Models', 'projects.ai.models', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Llm_Models"
UNION ALL
SELECT "rid", "Property_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Property_Id", 'Systems.Bpm.CustomProperties', 'systems.bpm.customproperties', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Gen_Properties"
UNION ALL
SELECT "rid", "Property_Value_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Property_Value_Id", 'Systems.Bpm.CustomPropertyValues', 'systems.bpm.custompropertyvalues', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Gen_Property_Values"
UNION ALL
SELECT "rid", "Web_Hook_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Web_Hook_Id", 'Systems.Config.WebHooks', 'systems.config.webhooks', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sys_Web_Hooks"
UNION ALL
SELECT "rid", "Notification_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Notification_Id", 'Systems.Core.Notifications', 'systems.core.notifications', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Cmm_Notifications"
UNION ALL
SELECT "rid", "Object_Changeset_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Object_Changeset_Id", 'Systems.Core.ObjectChangesets', 'systems.core.objectchangesets', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sys_Object_Changesets"
UNION ALL
SELECT "rid", "Access_Key_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Access_Key_Id", 'Systems.Security.AccessKeys', 'systems.security.accesskeys', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Access_Keys"
UNION ALL
SELECT "rid", "Access_Token_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Access_Token_Id", 'Systems.Security.AccessTokens', 'systems.security.accesstokens', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Access_Tokens"
UNION ALL
SELECT "rid", "Column_Permission_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Column_Permission_Id", 'Systems.Security.ColumnPermissions', 'systems.security.columnpermissions', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Column_Permissions"
UNION ALL
SELECT "rid", "Domain_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Domain_Id", 'Systems.Security.Domains', 'systems.security.domains', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Domains"
UNION ALL
SELECT "rid", "Group_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Group_Id", 'Systems.Security.Groups', 'systems.security.groups', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Groups"
UNION ALL
SELECT "rid", "Role_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Role_Id", 'Systems.Security.Roles', 'systems.security.roles', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Wf_Roles"
UNION ALL
SELECT "rid", "Trusted_Application_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Trusted_Application_Id", 'Systems.Security.TrustedApplications', 'systems.security.trustedapplications', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Trusted_Applications"
UNION ALL
SELECT "rid", "User_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "User_Id", 'Systems.Security.Users', 'systems.security.users', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sec_Users";
