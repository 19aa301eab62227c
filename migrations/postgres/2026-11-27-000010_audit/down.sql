DROP TRIGGER "TR_Ext_Audit_Entries_Update" ON "Sys_Audit_Log_Entries";
DROP TRIGGER "TR_Ext_Audit_Entries_Delete" ON "Sys_Audit_Log_Entries";
DROP TABLE "Ext_Audit_Settings";
DROP TABLE "Ext_Audit_Head";
DROP TABLE "Ext_Audit_Chain";
DROP FUNCTION "ext_audit_refuse"();
DROP FUNCTION "ext_audit_entry_goes"();
DROP FUNCTION "ext_audit_link_goes"();
DROP FUNCTION "ext_audit_head_moves"();
