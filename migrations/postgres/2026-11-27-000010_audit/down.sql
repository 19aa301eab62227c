DROP TRIGGER "TR_Ext_Audit_Entries_Update" ON "Sys_Audit_Log_Entries";
DROP TRIGGER "TR_Ext_Audit_Entries_Delete" ON "Sys_Audit_Log_Entries";
DROP TABLE "Ext_Audit_Settings";
DROP TABLE "Ext_Audit_Head";
DROP TABLE "Ext_Audit_Chain";
DROP FUNCTION "ext_audit_refuse"();
DROP FUNCTION "ext_audit_entry_goes"();
DROP FUNCTION "ext_audit_link_goes"();
DROP FUNCTION "ext_audit_head_moves"();
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
SELECT "rid", "Audit_Log_Entry_Id", "Additional_Data_Json", "Creation_Time_Utc", NULL::text COLLATE "C", NULL::text COLLATE "C", "Audit_Log_Entry_Id", 'Systems.Monitoring.AuditLogEntries'::text COLLATE "C", 'systems.monitoring.auditlogentries'::text COLLATE "C", "External_Id", "External_Id_folded", "External_System", "External_System_folded", FALSE, "Last_Update_Time_Utc", "Latest_Version", NULL::uuid, NULL::uuid FROM "Sys_Audit_Log_Entries"
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
ALTER TABLE "Sys_Audit_Log_Entries" ADD CONSTRAINT "FK_Sys_Audit_Log_Entries_User_Id" FOREIGN KEY ("User_Id") REFERENCES "Sec_Users" ("User_Id") DEFERRABLE;
