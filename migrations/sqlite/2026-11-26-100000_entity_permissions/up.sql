CREATE TABLE "Ext_Entity_Permissions" (
    "rid" INTEGER CONSTRAINT "PK_Ext_Entity_Permissions_rid" PRIMARY KEY,
    "Entity_Permission_Id" BLOB CONSTRAINT "UQ_Ext_Entity_Permissions_Entity_Permission_Id" UNIQUE CONSTRAINT "CK_Ext_Entity_Permissions_Entity_Permission_Id" CHECK (length("Entity_Permission_Id") = 16) NOT NULL,
    "Can_Create" INTEGER CONSTRAINT "CK_Ext_Entity_Permissions_Can_Create" CHECK ("Can_Create" IN (0, 1)) NOT NULL,
    "Can_Delete" INTEGER CONSTRAINT "CK_Ext_Entity_Permissions_Can_Delete" CHECK ("Can_Delete" IN (0, 1)) NOT NULL,
    "Can_Read" INTEGER CONSTRAINT "CK_Ext_Entity_Permissions_Can_Read" CHECK ("Can_Read" IN (0, 1)) NOT NULL,
    "Can_Update" INTEGER CONSTRAINT "CK_Ext_Entity_Permissions_Can_Update" CHECK ("Can_Update" IN (0, 1)) NOT NULL,
    "Entity_Set" TEXT NOT NULL,
    "Entity_Set_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Record_Filter" TEXT,
    "Group_Id" BLOB CONSTRAINT "FK_Ext_Entity_Permissions_Group_Id" REFERENCES "Sec_Groups" ("Group_Id") DEFERRABLE CONSTRAINT "CK_Ext_Entity_Permissions_Group_Id" CHECK (length("Group_Id") = 16),
    "Role_Id" BLOB CONSTRAINT "FK_Ext_Entity_Permissions_Role_Id" REFERENCES "Wf_Roles" ("Role_Id") DEFERRABLE CONSTRAINT "CK_Ext_Entity_Permissions_Role_Id" CHECK (length("Role_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE INDEX "IX_Ext_Entity_Permissions_Group" ON "Ext_Entity_Permissions" ("Group_Id", "Entity_Permission_Id");

CREATE INDEX "IX_Ext_Entity_Permissions_Role" ON "Ext_Entity_Permissions" ("Role_Id", "Entity_Permission_Id");

CREATE INDEX "IX_Ext_Entity_Permissions_EntitySet" ON "Ext_Entity_Permissions" ("Entity_Set_folded", "Entity_Set", "Entity_Permission_Id");

CREATE INDEX "IX_Ext_Entity_Permissions_ExternalId" ON "Ext_Entity_Permissions" ("External_Id_folded", "External_Id", "Entity_Permission_Id");

CREATE INDEX "IX_Ext_Entity_Permissions_ExternalId_Exact" ON "Ext_Entity_Permissions" ("External_Id", "Entity_Permission_Id");

CREATE INDEX "IX_Ext_Entity_Permissions_ExternalSystem" ON "Ext_Entity_Permissions" ("External_System", "Entity_Permission_Id");

CREATE INDEX "IX_Ext_Entity_Permissions_AggregateLastUpdateTimeUtc" ON "Ext_Entity_Permissions" ("Last_Update_Time_Utc", "Entity_Permission_Id");

DROP VIEW "Sys_Objects";

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
SELECT "rid", "Audit_Log_Entry_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL, NULL, "Audit_Log_Entry_Id", 'Systems.Monitoring.AuditLogEntries', 'systems.monitoring.auditlogentries', "External_Id", "External_Id_folded", "External_System", "External_System_folded", 0, "Last_Update_Time_Utc", "Latest_Version", NULL, NULL FROM "Sys_Audit_Log_Entries"
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
