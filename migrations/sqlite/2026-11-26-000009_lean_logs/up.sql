-- A search in the texts of logs is rare; their rows are written with every change.
DROP INDEX "IX_Sys_Audit_Log_Entries_ApplicationName_Substring";
DROP INDEX "IX_Sys_Object_Changes_RepositoryName_Substring";
