DROP TRIGGER "TR_Ext_Audit_Entries_Update";
DROP TRIGGER "TR_Ext_Audit_Entries_Delete";
DROP TABLE "Ext_Audit_Settings";
DROP TABLE "Ext_Audit_Head";
DROP TABLE "Ext_Audit_Chain";
