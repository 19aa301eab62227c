CREATE INDEX "IX_Sys_Audit_Log_Entries_ApplicationName_Substring" ON "Sys_Audit_Log_Entries" ("Audit_Log_Entry_Id", "Application_Name_folded");

CREATE INDEX "IX_Sys_Object_Changes_RepositoryName_Substring" ON "Sys_Object_Changes" ("Object_Change_Id", "Repository_Name_folded");
