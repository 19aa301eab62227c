DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX "IX_Cm_Companies_RegistrationNumber_Substring" ON "Cm_Companies" USING gin ("Registration_Number_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Parties_PartyCode_Substring" ON "Gen_Parties" USING gin ("Party_Code_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Parties_PartyName_Substring" ON "Gen_Parties" USING gin ("Party_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Cm_Persons_NationalNumber_Substring" ON "Cm_Persons" USING gin ("National_Number_folded" gin_trgm_ops);
    CREATE INDEX "IX_Llm_Models_Name_Substring" ON "Llm_Models" USING gin ("Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Properties_Code_Substring" ON "Gen_Properties" USING gin ("Property_Code_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Properties_Name_Substring" ON "Gen_Properties" USING gin ("Property_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Property_Allowed_Values_Description_Substring" ON "Gen_Property_Allowed_Values" USING gin ("Description_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Property_Allowed_Values_PropertyAllowedValueFie_edb21874" ON "Gen_Property_Allowed_Values" USING gin ("Property_Allowed_Value_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Property_Values_Description_Substring" ON "Gen_Property_Values" USING gin ("Description_folded" gin_trgm_ops);
    CREATE INDEX "IX_Gen_Property_Values_Value_Substring" ON "Gen_Property_Values" USING gin ("Property_Value_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sys_Web_Hooks_Code_Substring" ON "Sys_Web_Hooks" USING gin ("Code_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sys_Web_Hooks_Name_Substring" ON "Sys_Web_Hooks" USING gin ("Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Cmm_Notifications_Subject_Substring" ON "Cmm_Notifications" USING gin ("Subject_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Access_Keys_Code_Substring" ON "Sec_Access_Keys" USING gin ("Access_Key_Code_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Access_Keys_EntityName_Substring" ON "Sec_Access_Keys" USING gin ("Entity_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Access_Keys_Name_Substring" ON "Sec_Access_Keys" USING gin ("Access_Key_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Column_Permissions_ColumnName_Substring" ON "Sec_Column_Permissions" USING gin ("Column_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Column_Permissions_TableName_Substring" ON "Sec_Column_Permissions" USING gin ("Table_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Domains_Name_Substring" ON "Sec_Domains" USING gin ("Domain_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Groups_Name_Substring" ON "Sec_Groups" USING gin ("Group_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Wf_Roles_Name_Substring" ON "Wf_Roles" USING gin ("Role_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Trusted_Applications_Name_Substring" ON "Sec_Trusted_Applications" USING gin ("Trusted_Application_Name_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Users_Email_Substring" ON "Sec_Users" USING gin ("Email_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Users_Login_Substring" ON "Sec_Users" USING gin ("Login_folded" gin_trgm_ops);
    CREATE INDEX "IX_Sec_Users_Name_Substring" ON "Sec_Users" USING gin ("User_Name_folded" gin_trgm_ops);
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
        RAISE NOTICE 'no trigram indexes: %', SQLERRM;
END
$$;
