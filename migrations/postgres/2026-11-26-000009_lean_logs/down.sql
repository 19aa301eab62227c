-- Where the extension is there, as it was before.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
        CREATE INDEX "IX_Sys_Audit_Log_Entries_ApplicationName_Substring" ON "Sys_Audit_Log_Entries" USING gin ("Application_Name_folded" gin_trgm_ops);
        CREATE INDEX "IX_Sys_Object_Changes_RepositoryName_Substring" ON "Sys_Object_Changes" USING gin ("Repository_Name_folded" gin_trgm_ops);
    END IF;
END
$$;
