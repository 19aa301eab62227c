CREATE TABLE "Cm_Companies" (
    "rid" INTEGER CONSTRAINT "PK_Cm_Companies_rid" PRIMARY KEY,
    "Company_Id" BLOB CONSTRAINT "UQ_Cm_Companies_Company_Id" UNIQUE CONSTRAINT "CK_Cm_Companies_Company_Id" CHECK (length("Company_Id") = 16) NOT NULL,
    "Company_Name" TEXT NOT NULL,
    "Company_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Registration_Number" TEXT NOT NULL,
    "Registration_Number_folded" TEXT NOT NULL,
    "Registration_VAT_Number" TEXT,
    "Registration_VAT_Number_folded" TEXT
) STRICT;

CREATE TABLE "Cm_Company_Divisions" (
    "rid" INTEGER CONSTRAINT "PK_Cm_Company_Divisions_rid" PRIMARY KEY,
    "Company_Division_Id" BLOB CONSTRAINT "UQ_Cm_Company_Divisions_Company_Division_Id" UNIQUE CONSTRAINT "CK_Cm_Company_Divisions_Company_Division_Id" CHECK (length("Company_Division_Id") = 16) NOT NULL,
    "Division_Name" TEXT NOT NULL,
    "Division_Name_folded" TEXT NOT NULL,
    "Company_Id" BLOB CONSTRAINT "FK_Cm_Company_Divisions_Company_Id" REFERENCES "Cm_Companies" ("Company_Id") DEFERRABLE CONSTRAINT "CK_Cm_Company_Divisions_Company_Id" CHECK (length("Company_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Cm_Company_Employees" (
    "rid" INTEGER CONSTRAINT "PK_Cm_Company_Employees_rid" PRIMARY KEY,
    "Company_Employee_Id" BLOB CONSTRAINT "UQ_Cm_Company_Employees_Company_Employee_Id" UNIQUE CONSTRAINT "CK_Cm_Company_Employees_Company_Employee_Id" CHECK (length("Company_Employee_Id") = 16) NOT NULL,
    "Is_Active" INTEGER CONSTRAINT "CK_Cm_Company_Employees_Is_Active" CHECK ("Is_Active" IN (0, 1)) NOT NULL,
    "Notes" TEXT,
    "Valid_From_Date" INTEGER,
    "Valid_To_Date" INTEGER,
    "Company_Id" BLOB CONSTRAINT "FK_Cm_Company_Employees_Company_Id" REFERENCES "Cm_Companies" ("Company_Id") DEFERRABLE CONSTRAINT "CK_Cm_Company_Employees_Company_Id" CHECK (length("Company_Id") = 16) NOT NULL,
    "Person_Id" BLOB CONSTRAINT "FK_Cm_Company_Employees_Person_Id" REFERENCES "Cm_Persons" ("Person_Id") DEFERRABLE CONSTRAINT "CK_Cm_Company_Employees_Person_Id" CHECK (length("Person_Id") = 16) NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Cm_Company_Locations" (
    "rid" INTEGER CONSTRAINT "PK_Cm_Company_Locations_rid" PRIMARY KEY,
    "Company_Location_Id" BLOB CONSTRAINT "UQ_Cm_Company_Locations_Company_Location_Id" UNIQUE CONSTRAINT "CK_Cm_Company_Locations_Company_Location_Id" CHECK (length("Company_Location_Id") = 16) NOT NULL,
    "Location_Name" TEXT NOT NULL,
    "Location_Name_folded" TEXT NOT NULL,
    "Access_Key_Id" BLOB CONSTRAINT "FK_Cm_Company_Locations_Access_Key_Id" REFERENCES "Sec_Access_Keys" ("Access_Key_Id") DEFERRABLE CONSTRAINT "CK_Cm_Company_Locations_Access_Key_Id" CHECK (length("Access_Key_Id") = 16),
    "Company_Id" BLOB CONSTRAINT "FK_Cm_Company_Locations_Company_Id" REFERENCES "Cm_Companies" ("Company_Id") DEFERRABLE CONSTRAINT "CK_Cm_Company_Locations_Company_Id" CHECK (length("Company_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Gen_Parties" (
    "rid" INTEGER CONSTRAINT "PK_Gen_Parties_rid" PRIMARY KEY,
    "Id" BLOB CONSTRAINT "UQ_Gen_Parties_Id" UNIQUE CONSTRAINT "CK_Gen_Parties_Id" CHECK (length("Id") = 16) NOT NULL,
    "GLN" TEXT,
    "GLN_folded" TEXT,
    "Is_Active" INTEGER CONSTRAINT "CK_Gen_Parties_Is_Active" CHECK ("Is_Active" IN (0, 1)) NOT NULL,
    "Party_Code" TEXT NOT NULL,
    "Party_Code_folded" TEXT NOT NULL,
    "Creation_Time" INTEGER,
    "Creation_User" TEXT,
    "Creation_User_folded" TEXT,
    "Party_Name" TEXT NOT NULL,
    "Party_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Party_Type" TEXT CONSTRAINT "CK_Gen_Parties_Party_Type" CHECK ("Party_Type" IN ('C', 'L', 'P', 'S', 'V')) NOT NULL,
    "Party_Unique_Number" TEXT,
    "Party_Unique_Number_folded" TEXT,
    "Update_Time" INTEGER,
    "Update_User" TEXT,
    "Update_User_folded" TEXT,
    "Parent_Party_Id" BLOB CONSTRAINT "FK_Gen_Parties_Parent_Party_Id" REFERENCES "Gen_Parties" ("Id") DEFERRABLE CONSTRAINT "CK_Gen_Parties_Parent_Party_Id" CHECK (length("Parent_Party_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Cm_Persons" (
    "rid" INTEGER CONSTRAINT "PK_Cm_Persons_rid" PRIMARY KEY,
    "Person_Id" BLOB CONSTRAINT "UQ_Cm_Persons_Person_Id" UNIQUE CONSTRAINT "CK_Cm_Persons_Person_Id" CHECK (length("Person_Id") = 16) NOT NULL,
    "Birth_Date" INTEGER,
    "City" TEXT,
    "City_folded" TEXT,
    "Creation_Time" INTEGER,
    "Creation_User" TEXT,
    "Creation_User_folded" TEXT,
    "First_Name" TEXT,
    "First_Name_folded" TEXT,
    "Gender" TEXT CONSTRAINT "CK_Cm_Persons_Gender" CHECK ("Gender" IN ('F', 'M', 'O', 'N')),
    "Last_Name" TEXT,
    "Last_Name_folded" TEXT,
    "Middle_Name" TEXT,
    "Middle_Name_folded" TEXT,
    "National_Number" TEXT,
    "National_Number_folded" TEXT,
    "Notes" TEXT,
    "Passport_Issuing_Date" INTEGER,
    "Passport_Number" TEXT,
    "Passport_Number_folded" TEXT,
    "Title" TEXT,
    "Update_Time" INTEGER,
    "Update_User" TEXT,
    "Update_User_folded" TEXT
) STRICT;

CREATE TABLE "Gen_Enterprise_Companies" (
    "rid" INTEGER CONSTRAINT "PK_Gen_Enterprise_Companies_rid" PRIMARY KEY,
    "Enterprise_Company_Id" BLOB CONSTRAINT "UQ_Gen_Enterprise_Companies_Enterprise_Company_Id" UNIQUE CONSTRAINT "CK_Gen_Enterprise_Companies_Enterprise_Company_Id" CHECK (length("Enterprise_Company_Id") = 16) NOT NULL,
    "Edit_Period_Start_Date" INTEGER,
    "Is_Active" INTEGER CONSTRAINT "CK_Gen_Enterprise_Companies_Is_Active" CHECK ("Is_Active" IN (0, 1)) NOT NULL,
    "Print_Images_Retention_Months" INTEGER NOT NULL,
    "Access_Key_Id" BLOB CONSTRAINT "FK_Gen_Enterprise_Companies_Access_Key_Id" REFERENCES "Sec_Access_Keys" ("Access_Key_Id") DEFERRABLE CONSTRAINT "CK_Gen_Enterprise_Companies_Access_Key_Id" CHECK (length("Access_Key_Id") = 16),
    "Company_Id" BLOB CONSTRAINT "FK_Gen_Enterprise_Companies_Company_Id" REFERENCES "Cm_Companies" ("Company_Id") DEFERRABLE CONSTRAINT "CK_Gen_Enterprise_Companies_Company_Id" CHECK (length("Company_Id") = 16) NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Llm_Models" (
    "rid" INTEGER CONSTRAINT "PK_Llm_Models_rid" PRIMARY KEY,
    "Model_Id" BLOB CONSTRAINT "UQ_Llm_Models_Model_Id" UNIQUE CONSTRAINT "CK_Llm_Models_Model_Id" CHECK (length("Model_Id") = 16) NOT NULL,
    "Auto_Update_To_Latest_Build" INTEGER CONSTRAINT "CK_Llm_Models_Auto_Update_To_Latest_Build" CHECK ("Auto_Update_To_Latest_Build" IN (0, 1)) NOT NULL,
    "Build_Assistant" INTEGER CONSTRAINT "CK_Llm_Models_Build_Assistant" CHECK ("Build_Assistant" IN (0, 1)) NOT NULL,
    "Is_Default" INTEGER CONSTRAINT "CK_Llm_Models_Is_Default" CHECK ("Is_Default" IN (0, 1)) NOT NULL,
    "Name" TEXT NOT NULL,
    "Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "System_Message" TEXT,
    "Parent_Model_Id" BLOB CONSTRAINT "FK_Llm_Models_Parent_Model_Id" REFERENCES "Llm_Models" ("Model_Id") DEFERRABLE CONSTRAINT "CK_Llm_Models_Parent_Model_Id" CHECK (length("Parent_Model_Id") = 16),
    "Virtual_User_Id" BLOB CONSTRAINT "FK_Llm_Models_Virtual_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Llm_Models_Virtual_User_Id" CHECK (length("Virtual_User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Gen_Properties" (
    "rid" INTEGER CONSTRAINT "PK_Gen_Properties_rid" PRIMARY KEY,
    "Property_Id" BLOB CONSTRAINT "UQ_Gen_Properties_Property_Id" UNIQUE CONSTRAINT "CK_Gen_Properties_Property_Id" CHECK (length("Property_Id") = 16) NOT NULL,
    "Allowed_Values_Entity_Name" TEXT,
    "Allowed_Values_Entity_Name_folded" TEXT,
    "Allowed_Values_Filter_XML" TEXT,
    "Property_Code" TEXT NOT NULL,
    "Property_Code_folded" TEXT NOT NULL,
    "Entity_Name" TEXT NOT NULL,
    "Entity_Name_folded" TEXT NOT NULL,
    "Hint" TEXT,
    "Hint_folded" TEXT,
    "Is_Active" INTEGER CONSTRAINT "CK_Gen_Properties_Is_Active" CHECK ("Is_Active" IN (0, 1)) NOT NULL,
    "Key_Order" INTEGER,
    "Limit_To_Allowed_Values" INTEGER CONSTRAINT "CK_Gen_Properties_Limit_To_Allowed_Values" CHECK ("Limit_To_Allowed_Values" IN (0, 1)) NOT NULL,
    "Mask_Length" INTEGER,
    "Property_Name" TEXT NOT NULL,
    "Property_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Property_Type" TEXT CONSTRAINT "CK_Gen_Properties_Property_Type" CHECK ("Property_Type" IN ('T', 'N', 'P', 'D')) NOT NULL,
    "Allowed_Values_Parent_Property_Id" BLOB CONSTRAINT "FK_Gen_Properties_Allowed_Values_Parent_Property_Id" REFERENCES "Gen_Properties" ("Property_Id") DEFERRABLE CONSTRAINT "CK_Gen_Properties_Allowed_Values_Parent_Property_Id" CHECK (length("Allowed_Values_Parent_Property_Id") = 16),
    "Allowed_Values_Property_Id" BLOB CONSTRAINT "FK_Gen_Properties_Allowed_Values_Property_Id" REFERENCES "Gen_Properties" ("Property_Id") DEFERRABLE CONSTRAINT "CK_Gen_Properties_Allowed_Values_Property_Id" CHECK (length("Allowed_Values_Property_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Gen_Property_Allowed_Values" (
    "rid" INTEGER CONSTRAINT "PK_Gen_Property_Allowed_Values_rid" PRIMARY KEY,
    "Property_Allowed_Value_Id" BLOB CONSTRAINT "UQ_Gen_Property_Allowed_Values_Property_Allowed_Value_Id" UNIQUE CONSTRAINT "CK_Gen_Property_Allowed_Values_Property_Allowed_Value_Id" CHECK (length("Property_Allowed_Value_Id") = 16) NOT NULL,
    "Active" INTEGER CONSTRAINT "CK_Gen_Property_Allowed_Values_Active" CHECK ("Active" IN (0, 1)) NOT NULL,
    "Description" TEXT,
    "Description_folded" TEXT,
    "Long_Description" TEXT,
    "Parent_Allowed_Value_Id" BLOB CONSTRAINT "CK_Gen_Property_Allowed_Values_Parent_Allowed_Value_Id" CHECK (length("Parent_Allowed_Value_Id") = 16),
    "Picture" BLOB,
    "Property_Allowed_Value" TEXT NOT NULL,
    "Property_Allowed_Value_folded" TEXT NOT NULL,
    "Enterprise_Company_Id" BLOB CONSTRAINT "FK_Gen_Property_Allowed_Values_Enterprise_Company_Id" REFERENCES "Gen_Enterprise_Companies" ("Enterprise_Company_Id") DEFERRABLE CONSTRAINT "CK_Gen_Property_Allowed_Values_Enterprise_Company_Id" CHECK (length("Enterprise_Company_Id") = 16),
    "Property_Id" BLOB CONSTRAINT "FK_Gen_Property_Allowed_Values_Property_Id" REFERENCES "Gen_Properties" ("Property_Id") DEFERRABLE CONSTRAINT "CK_Gen_Property_Allowed_Values_Property_Id" CHECK (length("Property_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Gen_Property_Values" (
    "rid" INTEGER CONSTRAINT "PK_Gen_Property_Values_rid" PRIMARY KEY,
    "Property_Value_Id" BLOB CONSTRAINT "UQ_Gen_Property_Values_Property_Value_Id" UNIQUE CONSTRAINT "CK_Gen_Property_Values_Property_Value_Id" CHECK (length("Property_Value_Id") = 16) NOT NULL,
    "Description" TEXT,
    "Description_folded" TEXT,
    "Entity_Item_Id" BLOB CONSTRAINT "CK_Gen_Property_Values_Entity_Item_Id" CHECK (length("Entity_Item_Id") = 16) NOT NULL,
    "Entity_Name" TEXT NOT NULL,
    "Entity_Name_folded" TEXT NOT NULL,
    "Property_Value" TEXT,
    "Property_Value_folded" TEXT,
    "Value_Id" BLOB CONSTRAINT "CK_Gen_Property_Values_Value_Id" CHECK (length("Value_Id") = 16),
    "Property_Id" BLOB CONSTRAINT "FK_Gen_Property_Values_Property_Id" REFERENCES "Gen_Properties" ("Property_Id") DEFERRABLE CONSTRAINT "CK_Gen_Property_Values_Property_Id" CHECK (length("Property_Id") = 16) NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sys_Web_Hooks" (
    "rid" INTEGER CONSTRAINT "PK_Sys_Web_Hooks_rid" PRIMARY KEY,
    "Web_Hook_Id" BLOB CONSTRAINT "UQ_Sys_Web_Hooks_Web_Hook_Id" UNIQUE CONSTRAINT "CK_Sys_Web_Hooks_Web_Hook_Id" CHECK (length("Web_Hook_Id") = 16) NOT NULL,
    "Body" TEXT,
    "Code" TEXT NOT NULL,
    "Code_folded" TEXT NOT NULL,
    "Headers" TEXT,
    "Name" TEXT NOT NULL,
    "Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Repository_Name" TEXT NOT NULL,
    "Repository_Name_folded" TEXT NOT NULL,
    "Retry_Logic" TEXT CONSTRAINT "CK_Sys_Web_Hooks_Retry_Logic" CHECK ("Retry_Logic" IN ('0', '3')) NOT NULL,
    "URL" TEXT NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sys_Attribute_Changes" (
    "rid" INTEGER CONSTRAINT "PK_Sys_Attribute_Changes_rid" PRIMARY KEY,
    "Attribute_Change_Id" BLOB CONSTRAINT "UQ_Sys_Attribute_Changes_Attribute_Change_Id" UNIQUE CONSTRAINT "CK_Sys_Attribute_Changes_Attribute_Change_Id" CHECK (length("Attribute_Change_Id") = 16) NOT NULL,
    "Attribute_Name" TEXT NOT NULL,
    "Attribute_Name_folded" TEXT NOT NULL,
    "New_Value" TEXT,
    "New_Value_folded" TEXT,
    "Object_Change_Id" BLOB CONSTRAINT "FK_Sys_Attribute_Changes_Object_Change_Id" REFERENCES "Sys_Object_Changes" ("Object_Change_Id") DEFERRABLE CONSTRAINT "CK_Sys_Attribute_Changes_Object_Change_Id" CHECK (length("Object_Change_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Cmm_Notifications" (
    "rid" INTEGER CONSTRAINT "PK_Cmm_Notifications_rid" PRIMARY KEY,
    "Notification_Id" BLOB CONSTRAINT "UQ_Cmm_Notifications_Notification_Id" UNIQUE CONSTRAINT "CK_Cmm_Notifications_Notification_Id" CHECK (length("Notification_Id") = 16) NOT NULL,
    "Anchor" TEXT,
    "Creation_Time_Utc" INTEGER NOT NULL,
    "Is_Read" INTEGER CONSTRAINT "CK_Cmm_Notifications_Is_Read" CHECK ("Is_Read" IN (0, 1)) NOT NULL,
    "Notification_Class" TEXT NOT NULL,
    "Notification_Class_folded" TEXT NOT NULL,
    "Priority" TEXT CONSTRAINT "CK_Cmm_Notifications_Priority" CHECK ("Priority" IN ('1', '2', '3', '4', '5')) NOT NULL,
    "Subject" TEXT,
    "Subject_folded" TEXT,
    "Data_Object_Id" BLOB CONSTRAINT "CK_Cmm_Notifications_Data_Object_Id" CHECK (length("Data_Object_Id") = 16),
    "User_Id" BLOB CONSTRAINT "FK_Cmm_Notifications_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Cmm_Notifications_User_Id" CHECK (length("User_Id") = 16) NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sys_Object_Changes" (
    "rid" INTEGER CONSTRAINT "PK_Sys_Object_Changes_rid" PRIMARY KEY,
    "Object_Change_Id" BLOB CONSTRAINT "UQ_Sys_Object_Changes_Object_Change_Id" UNIQUE CONSTRAINT "CK_Sys_Object_Changes_Object_Change_Id" CHECK (length("Object_Change_Id") = 16) NOT NULL,
    "Change_Type" TEXT CONSTRAINT "CK_Sys_Object_Changes_Change_Type" CHECK ("Change_Type" IN ('C', 'U', 'D')) NOT NULL,
    "Changes_Json_Compressed" BLOB,
    "Entity_Item_Id" BLOB CONSTRAINT "CK_Sys_Object_Changes_Entity_Item_Id" CHECK (length("Entity_Item_Id") = 16) NOT NULL,
    "Old_Values_Json" TEXT,
    "Repository_Name" TEXT NOT NULL,
    "Repository_Name_folded" TEXT NOT NULL,
    "Object_Changeset_Id" BLOB CONSTRAINT "FK_Sys_Object_Changes_Object_Changeset_Id" REFERENCES "Sys_Object_Changesets" ("Object_Changeset_Id") DEFERRABLE CONSTRAINT "CK_Sys_Object_Changes_Object_Changeset_Id" CHECK (length("Object_Changeset_Id") = 16) NOT NULL,
    "Root_Object_Id" BLOB CONSTRAINT "CK_Sys_Object_Changes_Root_Object_Id" CHECK (length("Root_Object_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sys_Object_Changesets" (
    "rid" INTEGER CONSTRAINT "PK_Sys_Object_Changesets_rid" PRIMARY KEY,
    "Object_Changeset_Id" BLOB CONSTRAINT "UQ_Sys_Object_Changesets_Object_Changeset_Id" UNIQUE CONSTRAINT "CK_Sys_Object_Changesets_Object_Changeset_Id" CHECK (length("Object_Changeset_Id") = 16) NOT NULL,
    "Application_Name" TEXT,
    "Application_Name_folded" TEXT,
    "Server_Version" TEXT NOT NULL,
    "Time_Utc" INTEGER NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Sys_Object_Changesets_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sys_Object_Changesets_User_Id" CHECK (length("User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

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
    "User_Id" BLOB CONSTRAINT "FK_Sys_Audit_Log_Entries_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sys_Audit_Log_Entries_User_Id" CHECK (length("User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_Access_Keys" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Access_Keys_rid" PRIMARY KEY,
    "Access_Key_Id" BLOB CONSTRAINT "UQ_Sec_Access_Keys_Access_Key_Id" UNIQUE CONSTRAINT "CK_Sec_Access_Keys_Access_Key_Id" CHECK (length("Access_Key_Id") = 16) NOT NULL,
    "Access_Key_Code" TEXT,
    "Access_Key_Code_folded" TEXT,
    "Entity_Id" BLOB CONSTRAINT "CK_Sec_Access_Keys_Entity_Id" CHECK (length("Entity_Id") = 16),
    "Entity_Name" TEXT,
    "Entity_Name_folded" TEXT,
    "Access_Key_Name" TEXT,
    "Access_Key_Name_folded" TEXT,
    "Share_Level" TEXT CONSTRAINT "CK_Sec_Access_Keys_Share_Level" CHECK ("Share_Level" IN ('PRI', 'RFA', 'RFI', 'IHI', 'SHA')) NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_Access_Tokens" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Access_Tokens_rid" PRIMARY KEY,
    "Access_Token_Id" BLOB CONSTRAINT "UQ_Sec_Access_Tokens_Access_Token_Id" UNIQUE CONSTRAINT "CK_Sec_Access_Tokens_Access_Token_Id" CHECK (length("Access_Token_Id") = 16) NOT NULL,
    "Access_Token_Key" TEXT NOT NULL,
    "Actor" TEXT,
    "Actor_folded" TEXT,
    "Client" TEXT,
    "Client_folded" TEXT,
    "Consumed_Timestamp" INTEGER,
    "Creation_Timestamp" INTEGER NOT NULL,
    "Data" TEXT,
    "Description" TEXT,
    "Description_folded" TEXT,
    "Expire_Timestamp" INTEGER,
    "Last_Used_Timestamp" INTEGER,
    "Scopes" TEXT,
    "Session" TEXT,
    "Session_folded" TEXT,
    "Type" TEXT NOT NULL,
    "Trusted_Application_Id" BLOB CONSTRAINT "FK_Sec_Access_Tokens_Trusted_Application_Id" REFERENCES "Sec_Trusted_Applications" ("Trusted_Application_Id") DEFERRABLE CONSTRAINT "CK_Sec_Access_Tokens_Trusted_Application_Id" CHECK (length("Trusted_Application_Id") = 16),
    "User_Id" BLOB CONSTRAINT "FK_Sec_Access_Tokens_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_Access_Tokens_User_Id" CHECK (length("User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_Column_Permissions" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Column_Permissions_rid" PRIMARY KEY,
    "Column_Permission_Id" BLOB CONSTRAINT "UQ_Sec_Column_Permissions_Column_Permission_Id" UNIQUE CONSTRAINT "CK_Sec_Column_Permissions_Column_Permission_Id" CHECK (length("Column_Permission_Id") = 16) NOT NULL,
    "Can_Read" INTEGER CONSTRAINT "CK_Sec_Column_Permissions_Can_Read" CHECK ("Can_Read" IN (0, 1)) NOT NULL,
    "Can_Update" INTEGER CONSTRAINT "CK_Sec_Column_Permissions_Can_Update" CHECK ("Can_Update" IN (0, 1)) NOT NULL,
    "Column_Name" TEXT NOT NULL,
    "Column_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Table_Name" TEXT NOT NULL,
    "Table_Name_folded" TEXT NOT NULL,
    "Access_Key_Id" BLOB CONSTRAINT "FK_Sec_Column_Permissions_Access_Key_Id" REFERENCES "Sec_Access_Keys" ("Access_Key_Id") DEFERRABLE CONSTRAINT "CK_Sec_Column_Permissions_Access_Key_Id" CHECK (length("Access_Key_Id") = 16) NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_Domain_Providers" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Domain_Providers_rid" PRIMARY KEY,
    "Domain_Provider_Id" BLOB CONSTRAINT "UQ_Sec_Domain_Providers_Domain_Provider_Id" UNIQUE CONSTRAINT "CK_Sec_Domain_Providers_Domain_Provider_Id" CHECK (length("Domain_Provider_Id") = 16) NOT NULL,
    "Client_ID" TEXT,
    "Client_Secret" TEXT,
    "Display_Name" TEXT,
    "Display_Name_folded" TEXT,
    "Is_Active" INTEGER CONSTRAINT "CK_Sec_Domain_Providers_Is_Active" CHECK ("Is_Active" IN (0, 1)) NOT NULL,
    "Notes" TEXT,
    "Provider_Name" TEXT CONSTRAINT "CK_Sec_Domain_Providers_Provider_Name" CHECK ("Provider_Name" IN ('ERPNET', 'AZUREAD', 'GOOGLE', 'FACEBOOK')) NOT NULL,
    "Tenant_ID" TEXT,
    "Domain_Id" BLOB CONSTRAINT "FK_Sec_Domain_Providers_Domain_Id" REFERENCES "Sec_Domains" ("Domain_Id") DEFERRABLE CONSTRAINT "CK_Sec_Domain_Providers_Domain_Id" CHECK (length("Domain_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_Domains" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Domains_rid" PRIMARY KEY,
    "Domain_Id" BLOB CONSTRAINT "UQ_Sec_Domains_Domain_Id" UNIQUE CONSTRAINT "CK_Sec_Domains_Domain_Id" CHECK (length("Domain_Id") = 16) NOT NULL,
    "Allow_Local_Accounts" INTEGER CONSTRAINT "CK_Sec_Domains_Allow_Local_Accounts" CHECK ("Allow_Local_Accounts" IN (0, 1)) NOT NULL,
    "Description" TEXT,
    "Is_Default" INTEGER CONSTRAINT "CK_Sec_Domains_Is_Default" CHECK ("Is_Default" IN (0, 1)) NOT NULL,
    "Domain_Name" TEXT NOT NULL,
    "Domain_Name_folded" TEXT NOT NULL,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_Group_Access_Keys" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Group_Access_Keys_rid" PRIMARY KEY,
    "Group_Access_Key_Id" BLOB CONSTRAINT "UQ_Sec_Group_Access_Keys_Group_Access_Key_Id" UNIQUE CONSTRAINT "CK_Sec_Group_Access_Keys_Group_Access_Key_Id" CHECK (length("Group_Access_Key_Id") = 16) NOT NULL,
    "Can_Administer" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Can_Administer" CHECK ("Can_Administer" IN (0, 1)) NOT NULL,
    "Can_Delete" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Can_Delete" CHECK ("Can_Delete" IN (0, 1)) NOT NULL,
    "Can_Update" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Can_Update" CHECK ("Can_Update" IN (0, 1)) NOT NULL,
    "Permission1" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission1" CHECK ("Permission1" IN (0, 1)) NOT NULL,
    "Permission2" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission2" CHECK ("Permission2" IN (0, 1)) NOT NULL,
    "Permission3" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission3" CHECK ("Permission3" IN (0, 1)) NOT NULL,
    "Permission4" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission4" CHECK ("Permission4" IN (0, 1)) NOT NULL,
    "Permission5" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission5" CHECK ("Permission5" IN (0, 1)) NOT NULL,
    "Permission6" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission6" CHECK ("Permission6" IN (0, 1)) NOT NULL,
    "Permission7" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission7" CHECK ("Permission7" IN (0, 1)) NOT NULL,
    "Permission8" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission8" CHECK ("Permission8" IN (0, 1)) NOT NULL,
    "Permission9" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission9" CHECK ("Permission9" IN (0, 1)) NOT NULL,
    "Permission10" INTEGER CONSTRAINT "CK_Sec_Group_Access_Keys_Permission10" CHECK ("Permission10" IN (0, 1)) NOT NULL,
    "Access_Key_Id" BLOB CONSTRAINT "FK_Sec_Group_Access_Keys_Access_Key_Id" REFERENCES "Sec_Access_Keys" ("Access_Key_Id") DEFERRABLE CONSTRAINT "CK_Sec_Group_Access_Keys_Access_Key_Id" CHECK (length("Access_Key_Id") = 16) NOT NULL,
    "Group_Id" BLOB CONSTRAINT "FK_Sec_Group_Access_Keys_Group_Id" REFERENCES "Sec_Groups" ("Group_Id") DEFERRABLE CONSTRAINT "CK_Sec_Group_Access_Keys_Group_Id" CHECK (length("Group_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_Groups" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Groups_rid" PRIMARY KEY,
    "Group_Id" BLOB CONSTRAINT "UQ_Sec_Groups_Group_Id" UNIQUE CONSTRAINT "CK_Sec_Groups_Group_Id" CHECK (length("Group_Id") = 16) NOT NULL,
    "Edit_Period_Days" INTEGER,
    "Group_Type" TEXT CONSTRAINT "CK_Sec_Groups_Group_Type" CHECK ("Group_Type" IN ('G', 'U', 'A', 'E', 'P')) NOT NULL,
    "Group_Name" TEXT NOT NULL,
    "Group_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Group_For_User_Id" BLOB CONSTRAINT "FK_Sec_Groups_Group_For_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_Groups_Group_For_User_Id" CHECK (length("Group_For_User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Wf_Role_Users" (
    "rid" INTEGER CONSTRAINT "PK_Wf_Role_Users_rid" PRIMARY KEY,
    "Role_User_Id" BLOB CONSTRAINT "UQ_Wf_Role_Users_Role_User_Id" UNIQUE CONSTRAINT "CK_Wf_Role_Users_Role_User_Id" CHECK (length("Role_User_Id") = 16) NOT NULL,
    "Is_Layout_Admin" INTEGER CONSTRAINT "CK_Wf_Role_Users_Is_Layout_Admin" CHECK ("Is_Layout_Admin" IN (0, 1)) NOT NULL,
    "Company_Location_Id" BLOB CONSTRAINT "FK_Wf_Role_Users_Company_Location_Id" REFERENCES "Cm_Company_Locations" ("Company_Location_Id") DEFERRABLE CONSTRAINT "CK_Wf_Role_Users_Company_Location_Id" CHECK (length("Company_Location_Id") = 16),
    "Enterprise_Company_Id" BLOB CONSTRAINT "FK_Wf_Role_Users_Enterprise_Company_Id" REFERENCES "Gen_Enterprise_Companies" ("Enterprise_Company_Id") DEFERRABLE CONSTRAINT "CK_Wf_Role_Users_Enterprise_Company_Id" CHECK (length("Enterprise_Company_Id") = 16),
    "Role_Id" BLOB CONSTRAINT "FK_Wf_Role_Users_Role_Id" REFERENCES "Wf_Roles" ("Role_Id") DEFERRABLE CONSTRAINT "CK_Wf_Role_Users_Role_Id" CHECK (length("Role_Id") = 16) NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Wf_Role_Users_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Wf_Role_Users_User_Id" CHECK (length("User_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Wf_Roles" (
    "rid" INTEGER CONSTRAINT "PK_Wf_Roles_rid" PRIMARY KEY,
    "Role_Id" BLOB CONSTRAINT "UQ_Wf_Roles_Role_Id" UNIQUE CONSTRAINT "CK_Wf_Roles_Role_Id" CHECK (length("Role_Id") = 16) NOT NULL,
    "Is_Active" INTEGER CONSTRAINT "CK_Wf_Roles_Is_Active" CHECK ("Is_Active" IN (0, 1)) NOT NULL,
    "Role_Name" TEXT NOT NULL,
    "Role_Name_folded" TEXT NOT NULL,
    "Role_Description" TEXT,
    "Visual_Style" TEXT,
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Creation_Time_Utc" INTEGER,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_Trusted_Application_Authorizations" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Trusted_Application_Authorizations_rid" PRIMARY KEY,
    "Trusted_Application_Authorization_Id" BLOB CONSTRAINT "UQ_Sec_Trusted_Application_Authorizations_Trusted_Application_Authorization_Id" UNIQUE CONSTRAINT "CK_Sec_Trusted_Application_Authorizations_Trusted_Application_Authorization_Id" CHECK (length("Trusted_Application_Authorization_Id") = 16) NOT NULL,
    "Grant_Time_Utc" INTEGER NOT NULL,
    "Is_Revoked" INTEGER CONSTRAINT "CK_Sec_Trusted_Application_Authorizations_Is_Revoked" CHECK ("Is_Revoked" IN (0, 1)) NOT NULL,
    "Notes" TEXT,
    "Valid_From_Utc" INTEGER,
    "Valid_Until_Utc" INTEGER,
    "Context_User_Id" BLOB CONSTRAINT "FK_Sec_Trusted_Application_Authorizations_Context_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_Trusted_Application_Authorizations_Context_User_Id" CHECK (length("Context_User_Id") = 16) NOT NULL,
    "Granting_User_Id" BLOB CONSTRAINT "FK_Sec_Trusted_Application_Authorizations_Granting_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_Trusted_Application_Authorizations_Granting_User_Id" CHECK (length("Granting_User_Id") = 16) NOT NULL,
    "Trusted_Application_Id" BLOB CONSTRAINT "FK_Sec_Trusted_Application_Authorizations_Trusted_Application_Id" REFERENCES "Sec_Trusted_Applications" ("Trusted_Application_Id") DEFERRABLE CONSTRAINT "CK_Sec_Trusted_Application_Authorizations_Trusted_Application_Id" CHECK (length("Trusted_Application_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_Trusted_Applications" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Trusted_Applications_rid" PRIMARY KEY,
    "Trusted_Application_Id" BLOB CONSTRAINT "UQ_Sec_Trusted_Applications_Trusted_Application_Id" UNIQUE CONSTRAINT "CK_Sec_Trusted_Applications_Trusted_Application_Id" CHECK (length("Trusted_Application_Id") = 16) NOT NULL,
    "Application_Secret_Hash" TEXT,
    "Application_Uri" TEXT NOT NULL,
    "Application_Uri_folded" TEXT NOT NULL,
    "Basic_Authentication_Allowed" INTEGER CONSTRAINT "CK_Sec_Trusted_Applications_Basic_Authentication_Allowed" CHECK ("Basic_Authentication_Allowed" IN (0, 1)) NOT NULL,
    "Client_Type" TEXT CONSTRAINT "CK_Sec_Trusted_Applications_Client_Type" CHECK ("Client_Type" IN ('C', 'P', 'N')) NOT NULL,
    "Creation_Time_Utc" INTEGER NOT NULL,
    "Impersonate_As_Community_User_Allowed" INTEGER CONSTRAINT "CK_Sec_Trusted_Applications_Impersonate_As_Community_User_Allowed" CHECK ("Impersonate_As_Community_User_Allowed" IN (0, 1)) NOT NULL,
    "Impersonate_As_Internal_User_Allowed" INTEGER CONSTRAINT "CK_Sec_Trusted_Applications_Impersonate_As_Internal_User_Allowed" CHECK ("Impersonate_As_Internal_User_Allowed" IN (0, 1)) NOT NULL,
    "Impersonate_Login_Url" TEXT,
    "Impersonate_Logout_Url" TEXT,
    "Is_Enabled" INTEGER CONSTRAINT "CK_Sec_Trusted_Applications_Is_Enabled" CHECK ("Is_Enabled" IN (0, 1)) NOT NULL,
    "Trusted_Application_Name" TEXT NOT NULL,
    "Trusted_Application_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Reference_Tokens" TEXT CONSTRAINT "CK_Sec_Trusted_Applications_Reference_Tokens" CHECK ("Reference_Tokens" IN ('NON', 'USR', 'ADM')) NOT NULL,
    "Scope" TEXT,
    "System_User_Allowed" INTEGER CONSTRAINT "CK_Sec_Trusted_Applications_System_User_Allowed" CHECK ("System_User_Allowed" IN (0, 1)) NOT NULL,
    "System_User_Login_Url" TEXT,
    "System_User_Id" BLOB CONSTRAINT "FK_Sec_Trusted_Applications_System_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_Trusted_Applications_System_User_Id" CHECK (length("System_User_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE TABLE "Sec_User_Access_Keys" (
    "rid" INTEGER CONSTRAINT "PK_Sec_User_Access_Keys_rid" PRIMARY KEY,
    "User_Access_Key_Id" BLOB CONSTRAINT "UQ_Sec_User_Access_Keys_User_Access_Key_Id" UNIQUE CONSTRAINT "CK_Sec_User_Access_Keys_User_Access_Key_Id" CHECK (length("User_Access_Key_Id") = 16) NOT NULL,
    "Can_Delete" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Can_Delete" CHECK ("Can_Delete" IN (0, 1)) NOT NULL,
    "Can_Update" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Can_Update" CHECK ("Can_Update" IN (0, 1)) NOT NULL,
    "Permission1" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission1" CHECK ("Permission1" IN (0, 1)) NOT NULL,
    "Permission2" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission2" CHECK ("Permission2" IN (0, 1)) NOT NULL,
    "Permission3" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission3" CHECK ("Permission3" IN (0, 1)) NOT NULL,
    "Permission4" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission4" CHECK ("Permission4" IN (0, 1)) NOT NULL,
    "Permission5" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission5" CHECK ("Permission5" IN (0, 1)) NOT NULL,
    "Permission6" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission6" CHECK ("Permission6" IN (0, 1)) NOT NULL,
    "Permission7" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission7" CHECK ("Permission7" IN (0, 1)) NOT NULL,
    "Permission8" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission8" CHECK ("Permission8" IN (0, 1)) NOT NULL,
    "Permission9" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission9" CHECK ("Permission9" IN (0, 1)) NOT NULL,
    "Permission10" INTEGER CONSTRAINT "CK_Sec_User_Access_Keys_Permission10" CHECK ("Permission10" IN (0, 1)) NOT NULL,
    "Access_Key_Id" BLOB CONSTRAINT "FK_Sec_User_Access_Keys_Access_Key_Id" REFERENCES "Sec_Access_Keys" ("Access_Key_Id") DEFERRABLE CONSTRAINT "CK_Sec_User_Access_Keys_Access_Key_Id" CHECK (length("Access_Key_Id") = 16) NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Sec_User_Access_Keys_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_User_Access_Keys_User_Id" CHECK (length("User_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_User_Groups" (
    "rid" INTEGER CONSTRAINT "PK_Sec_User_Groups_rid" PRIMARY KEY,
    "User_Group_Id" BLOB CONSTRAINT "UQ_Sec_User_Groups_User_Group_Id" UNIQUE CONSTRAINT "CK_Sec_User_Groups_User_Group_Id" CHECK (length("User_Group_Id") = 16) NOT NULL,
    "Group_Id" BLOB CONSTRAINT "FK_Sec_User_Groups_Group_Id" REFERENCES "Sec_Groups" ("Group_Id") DEFERRABLE CONSTRAINT "CK_Sec_User_Groups_Group_Id" CHECK (length("Group_Id") = 16) NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Sec_User_Groups_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_User_Groups_User_Id" CHECK (length("User_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_User_Provider_Logins" (
    "rid" INTEGER CONSTRAINT "PK_Sec_User_Provider_Logins_rid" PRIMARY KEY,
    "User_Provider_Login_Id" BLOB CONSTRAINT "UQ_Sec_User_Provider_Logins_User_Provider_Login_Id" UNIQUE CONSTRAINT "CK_Sec_User_Provider_Logins_User_Provider_Login_Id" CHECK (length("User_Provider_Login_Id") = 16) NOT NULL,
    "Provider_Key" TEXT NOT NULL,
    "Provider_Key_folded" TEXT NOT NULL,
    "Provider_Name" TEXT CONSTRAINT "CK_Sec_User_Provider_Logins_Provider_Name" CHECK ("Provider_Name" IN ('ERPNET', 'AZUREAD', 'GOOGLE', 'FACEBOOK')) NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Sec_User_Provider_Logins_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_User_Provider_Logins_User_Id" CHECK (length("User_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_User_Provider_Tokens" (
    "rid" INTEGER CONSTRAINT "PK_Sec_User_Provider_Tokens_rid" PRIMARY KEY,
    "User_Provider_Token_Id" BLOB CONSTRAINT "UQ_Sec_User_Provider_Tokens_User_Provider_Token_Id" UNIQUE CONSTRAINT "CK_Sec_User_Provider_Tokens_User_Provider_Token_Id" CHECK (length("User_Provider_Token_Id") = 16) NOT NULL,
    "Login_Provider_Name" TEXT NOT NULL,
    "Login_Provider_Name_folded" TEXT NOT NULL,
    "Token_Name" TEXT NOT NULL,
    "Token_Name_folded" TEXT NOT NULL,
    "Token_Value" TEXT,
    "User_Id" BLOB CONSTRAINT "FK_Sec_User_Provider_Tokens_User_Id" REFERENCES "Sec_Users" ("User_Id") DEFERRABLE CONSTRAINT "CK_Sec_User_Provider_Tokens_User_Id" CHECK (length("User_Id") = 16) NOT NULL
) STRICT;

CREATE TABLE "Sec_Users" (
    "rid" INTEGER CONSTRAINT "PK_Sec_Users_rid" PRIMARY KEY,
    "User_Id" BLOB CONSTRAINT "UQ_Sec_Users_User_Id" UNIQUE CONSTRAINT "CK_Sec_Users_User_Id" CHECK (length("User_Id") = 16) NOT NULL,
    "Access_Failed_Count" INTEGER NOT NULL,
    "Active" INTEGER CONSTRAINT "CK_Sec_Users_Active" CHECK ("Active" IN (0, 1)) NOT NULL,
    "Basic_Authentication_Allowed" INTEGER CONSTRAINT "CK_Sec_Users_Basic_Authentication_Allowed" CHECK ("Basic_Authentication_Allowed" IN (0, 1)) NOT NULL,
    "Company_Name" TEXT,
    "Creation_Time_Utc" INTEGER NOT NULL,
    "Default_Language" TEXT,
    "Default_Language_folded" TEXT,
    "Email" TEXT,
    "Email_folded" TEXT,
    "Email_Confirmed" INTEGER CONSTRAINT "CK_Sec_Users_Email_Confirmed" CHECK ("Email_Confirmed" IN (0, 1)) NOT NULL,
    "Is_Admin" INTEGER CONSTRAINT "CK_Sec_Users_Is_Admin" CHECK ("Is_Admin" IN (0, 1)) NOT NULL,
    "Lockout_End_Utc" INTEGER,
    "Lockout_End_Utc_folded" TEXT,
    "Login" TEXT NOT NULL,
    "Login_folded" TEXT NOT NULL,
    "User_Name" TEXT NOT NULL,
    "User_Name_folded" TEXT NOT NULL,
    "Notes" TEXT,
    "Password" TEXT,
    "Password_Format" TEXT CONSTRAINT "CK_Sec_Users_Password_Format" CHECK ("Password_Format" IN ('MD5', 'AN3')) NOT NULL,
    "Phone_Number" TEXT,
    "Phone_Number_folded" TEXT,
    "Phone_Number_Confirmed" INTEGER CONSTRAINT "CK_Sec_Users_Phone_Number_Confirmed" CHECK ("Phone_Number_Confirmed" IN (0, 1)) NOT NULL,
    "Registration_Message" TEXT,
    "Two_Factor_Enabled" INTEGER CONSTRAINT "CK_Sec_Users_Two_Factor_Enabled" CHECK ("Two_Factor_Enabled" IN (0, 1)) NOT NULL,
    "User_Type" TEXT CONSTRAINT "CK_Sec_Users_User_Type" CHECK ("User_Type" IN ('INT', 'EXT', 'VIR', 'SYS', 'APP', 'INI', 'INE')) NOT NULL,
    "Voice_Extension_Numbers" TEXT,
    "Windows_User_Name" TEXT,
    "Domain_Id" BLOB CONSTRAINT "FK_Sec_Users_Domain_Id" REFERENCES "Sec_Domains" ("Domain_Id") DEFERRABLE CONSTRAINT "CK_Sec_Users_Domain_Id" CHECK (length("Domain_Id") = 16),
    "Model_Id" BLOB CONSTRAINT "FK_Sec_Users_Model_Id" REFERENCES "Llm_Models" ("Model_Id") DEFERRABLE CONSTRAINT "CK_Sec_Users_Model_Id" CHECK (length("Model_Id") = 16),
    "Person_Id" BLOB CONSTRAINT "FK_Sec_Users_Person_Id" REFERENCES "Cm_Persons" ("Person_Id") DEFERRABLE CONSTRAINT "CK_Sec_Users_Person_Id" CHECK (length("Person_Id") = 16),
    "Latest_Version" INTEGER NOT NULL DEFAULT 1,
    "External_Id" TEXT,
    "External_Id_folded" TEXT,
    "External_System" TEXT,
    "External_System_folded" TEXT,
    "Last_Update_Time_Utc" INTEGER,
    "Additional_Data_Json" TEXT
) STRICT;

CREATE INDEX "IX_Cm_Companies_RegistrationNumber" ON "Cm_Companies" ("Registration_Number_folded", "Registration_Number", "Company_Id");

CREATE INDEX "IX_Cm_Companies_RegistrationVATNumber" ON "Cm_Companies" ("Registration_VAT_Number_folded", "Company_Id");

CREATE INDEX "IX_Cm_Company_Divisions_Company" ON "Cm_Company_Divisions" ("Company_Id", "Company_Division_Id");

CREATE INDEX "IX_Cm_Company_Employees_Company" ON "Cm_Company_Employees" ("Company_Id", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_Person" ON "Cm_Company_Employees" ("Person_Id", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_ValidFromDate" ON "Cm_Company_Employees" ("Valid_From_Date", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_ValidToDate" ON "Cm_Company_Employees" ("Valid_To_Date", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_ExternalId" ON "Cm_Company_Employees" ("External_Id_folded", "External_Id", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_ExternalId_Exact" ON "Cm_Company_Employees" ("External_Id", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_ExternalSystem" ON "Cm_Company_Employees" ("External_System", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Employees_AggregateLastUpdateTimeUtc" ON "Cm_Company_Employees" ("Last_Update_Time_Utc", "Company_Employee_Id");

CREATE INDEX "IX_Cm_Company_Locations_AccessKey" ON "Cm_Company_Locations" ("Access_Key_Id", "Company_Location_Id");

CREATE INDEX "IX_Cm_Company_Locations_Company" ON "Cm_Company_Locations" ("Company_Id", "Company_Location_Id");

CREATE UNIQUE INDEX "UX_Gen_Parties_PartyCode" ON "Gen_Parties" ("Party_Code_folded");

CREATE INDEX "IX_Gen_Parties_ParentParty" ON "Gen_Parties" ("Parent_Party_Id", "Id");

CREATE INDEX "IX_Gen_Parties_GLN" ON "Gen_Parties" ("GLN_folded", "GLN", "Id");

CREATE INDEX "IX_Gen_Parties_GLN_Exact" ON "Gen_Parties" ("GLN", "Id");

CREATE INDEX "IX_Gen_Parties_PartyCode" ON "Gen_Parties" ("Party_Code_folded", "Party_Code", "Id");

CREATE INDEX "IX_Gen_Parties_PartyCreationTime" ON "Gen_Parties" ("Creation_Time", "Id");

CREATE INDEX "IX_Gen_Parties_PartyUniqueNumber" ON "Gen_Parties" ("Party_Unique_Number_folded", "Id");

CREATE INDEX "IX_Gen_Parties_PartyUpdateTime" ON "Gen_Parties" ("Update_Time", "Id");

CREATE INDEX "IX_Gen_Parties_ExternalId" ON "Gen_Parties" ("External_Id_folded", "External_Id", "Id");

CREATE INDEX "IX_Gen_Parties_ExternalId_Exact" ON "Gen_Parties" ("External_Id", "Id");

CREATE INDEX "IX_Gen_Parties_ExternalSystem" ON "Gen_Parties" ("External_System", "Id");

CREATE INDEX "IX_Gen_Parties_AggregateLastUpdateTimeUtc" ON "Gen_Parties" ("Last_Update_Time_Utc", "Id");

CREATE INDEX "IX_Cm_Persons_BirthDate" ON "Cm_Persons" ("Birth_Date", "Person_Id");

CREATE INDEX "IX_Cm_Persons_CreationTime" ON "Cm_Persons" ("Creation_Time", "Person_Id");

CREATE INDEX "IX_Cm_Persons_NationalNumber" ON "Cm_Persons" ("National_Number_folded", "Person_Id");

CREATE INDEX "IX_Cm_Persons_PassportIssuingDate" ON "Cm_Persons" ("Passport_Issuing_Date", "Person_Id");

CREATE INDEX "IX_Cm_Persons_UpdateTime" ON "Cm_Persons" ("Update_Time", "Person_Id");

CREATE UNIQUE INDEX "UX_Gen_Enterprise_Companies_Company" ON "Gen_Enterprise_Companies" ("Company_Id");

CREATE INDEX "IX_Gen_Enterprise_Companies_AccessKey" ON "Gen_Enterprise_Companies" ("Access_Key_Id", "Enterprise_Company_Id");

CREATE INDEX "IX_Gen_Enterprise_Companies_EditPeriodStartDate" ON "Gen_Enterprise_Companies" ("Edit_Period_Start_Date", "Enterprise_Company_Id");

CREATE INDEX "IX_Gen_Enterprise_Companies_ExternalId" ON "Gen_Enterprise_Companies" ("External_Id_folded", "External_Id", "Enterprise_Company_Id");

CREATE INDEX "IX_Gen_Enterprise_Companies_ExternalId_Exact" ON "Gen_Enterprise_Companies" ("External_Id", "Enterprise_Company_Id");

CREATE INDEX "IX_Gen_Enterprise_Companies_ExternalSystem" ON "Gen_Enterprise_Companies" ("External_System", "Enterprise_Company_Id");

CREATE INDEX "IX_Gen_Enterprise_Companies_AggregateLastUpdateTimeUtc" ON "Gen_Enterprise_Companies" ("Last_Update_Time_Utc", "Enterprise_Company_Id");

CREATE INDEX "IX_Llm_Models_Parent" ON "Llm_Models" ("Parent_Model_Id", "Model_Id");

CREATE INDEX "IX_Llm_Models_VirtualUser" ON "Llm_Models" ("Virtual_User_Id", "Model_Id");

CREATE INDEX "IX_Llm_Models_IsDefault" ON "Llm_Models" ("Is_Default", "Model_Id");

CREATE INDEX "IX_Llm_Models_ExternalId" ON "Llm_Models" ("External_Id_folded", "External_Id", "Model_Id");

CREATE INDEX "IX_Llm_Models_ExternalId_Exact" ON "Llm_Models" ("External_Id", "Model_Id");

CREATE INDEX "IX_Llm_Models_ExternalSystem" ON "Llm_Models" ("External_System", "Model_Id");

CREATE INDEX "IX_Llm_Models_AggregateLastUpdateTimeUtc" ON "Llm_Models" ("Last_Update_Time_Utc", "Model_Id");

CREATE UNIQUE INDEX "UX_Gen_Properties_EntityName_Code" ON "Gen_Properties" ("Entity_Name", "Property_Code_folded");

CREATE INDEX "IX_Gen_Properties_AllowedValuesParentProperty" ON "Gen_Properties" ("Allowed_Values_Parent_Property_Id", "Property_Id");

CREATE INDEX "IX_Gen_Properties_AllowedValuesProperty" ON "Gen_Properties" ("Allowed_Values_Property_Id", "Property_Id");

CREATE INDEX "IX_Gen_Properties_Code" ON "Gen_Properties" ("Property_Code_folded", "Property_Code", "Property_Id");

CREATE INDEX "IX_Gen_Properties_EntityName" ON "Gen_Properties" ("Entity_Name_folded", "Entity_Name", "Property_Id");

CREATE INDEX "IX_Gen_Properties_EntityName_Exact" ON "Gen_Properties" ("Entity_Name", "Property_Id");

CREATE INDEX "IX_Gen_Properties_ExternalId" ON "Gen_Properties" ("External_Id_folded", "External_Id", "Property_Id");

CREATE INDEX "IX_Gen_Properties_ExternalId_Exact" ON "Gen_Properties" ("External_Id", "Property_Id");

CREATE INDEX "IX_Gen_Properties_ExternalSystem" ON "Gen_Properties" ("External_System", "Property_Id");

CREATE INDEX "IX_Gen_Properties_AggregateLastUpdateTimeUtc" ON "Gen_Properties" ("Last_Update_Time_Utc", "Property_Id");

CREATE INDEX "IX_Gen_Property_Allowed_Values_EnterpriseCompany" ON "Gen_Property_Allowed_Values" ("Enterprise_Company_Id", "Property_Allowed_Value_Id");

CREATE INDEX "IX_Gen_Property_Allowed_Values_Property" ON "Gen_Property_Allowed_Values" ("Property_Id", "Property_Allowed_Value_Id");

CREATE INDEX "IX_Gen_Property_Allowed_Values_ParentAllowedValueId" ON "Gen_Property_Allowed_Values" ("Parent_Allowed_Value_Id", "Property_Allowed_Value_Id");

CREATE INDEX "IX_Gen_Property_Allowed_Values_PropertyAllowedValueField" ON "Gen_Property_Allowed_Values" ("Property_Allowed_Value_folded", "Property_Allowed_Value", "Property_Allowed_Value_Id");

CREATE UNIQUE INDEX "UX_Gen_Property_Values_Property_EntityItemId" ON "Gen_Property_Values" ("Property_Id", "Entity_Item_Id");

CREATE INDEX "IX_Gen_Property_Values_Property" ON "Gen_Property_Values" ("Property_Id", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_EntityItemId" ON "Gen_Property_Values" ("Entity_Item_Id", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_Value" ON "Gen_Property_Values" ("Property_Value_folded", "Property_Value", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_ValueId" ON "Gen_Property_Values" ("Value_Id", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_ExternalId" ON "Gen_Property_Values" ("External_Id_folded", "External_Id", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_ExternalId_Exact" ON "Gen_Property_Values" ("External_Id", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_ExternalSystem" ON "Gen_Property_Values" ("External_System", "Property_Value_Id");

CREATE INDEX "IX_Gen_Property_Values_AggregateLastUpdateTimeUtc" ON "Gen_Property_Values" ("Last_Update_Time_Utc", "Property_Value_Id");

CREATE UNIQUE INDEX "UX_Sys_Web_Hooks_Code" ON "Sys_Web_Hooks" ("Code_folded");

CREATE INDEX "IX_Sys_Web_Hooks_Code" ON "Sys_Web_Hooks" ("Code_folded", "Code", "Web_Hook_Id");

CREATE INDEX "IX_Sys_Web_Hooks_RepositoryName" ON "Sys_Web_Hooks" ("Repository_Name_folded", "Web_Hook_Id");

CREATE INDEX "IX_Sys_Web_Hooks_ExternalId" ON "Sys_Web_Hooks" ("External_Id_folded", "External_Id", "Web_Hook_Id");

CREATE INDEX "IX_Sys_Web_Hooks_ExternalId_Exact" ON "Sys_Web_Hooks" ("External_Id", "Web_Hook_Id");

CREATE INDEX "IX_Sys_Web_Hooks_ExternalSystem" ON "Sys_Web_Hooks" ("External_System", "Web_Hook_Id");

CREATE INDEX "IX_Sys_Web_Hooks_AggregateLastUpdateTimeUtc" ON "Sys_Web_Hooks" ("Last_Update_Time_Utc", "Web_Hook_Id");

CREATE UNIQUE INDEX "UX_Sys_Attribute_Changes_ObjectChange_AttributeName" ON "Sys_Attribute_Changes" ("Object_Change_Id", "Attribute_Name");

CREATE INDEX "IX_Sys_Attribute_Changes_ObjectChange" ON "Sys_Attribute_Changes" ("Object_Change_Id", "Attribute_Change_Id");

CREATE INDEX "IX_Sys_Attribute_Changes_NewValue" ON "Sys_Attribute_Changes" ("New_Value_folded", "Attribute_Change_Id");

CREATE INDEX "IX_Cmm_Notifications_DataObject" ON "Cmm_Notifications" ("Data_Object_Id", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_User" ON "Cmm_Notifications" ("User_Id", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_CreationTimeUtc" ON "Cmm_Notifications" ("Creation_Time_Utc", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_NotificationClass" ON "Cmm_Notifications" ("Notification_Class", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_Subject" ON "Cmm_Notifications" ("Subject_folded", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_ExternalId" ON "Cmm_Notifications" ("External_Id_folded", "External_Id", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_ExternalId_Exact" ON "Cmm_Notifications" ("External_Id", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_ExternalSystem" ON "Cmm_Notifications" ("External_System", "Notification_Id");

CREATE INDEX "IX_Cmm_Notifications_AggregateLastUpdateTimeUtc" ON "Cmm_Notifications" ("Last_Update_Time_Utc", "Notification_Id");

CREATE INDEX "IX_Sys_Object_Changes_ObjectChangeset" ON "Sys_Object_Changes" ("Object_Changeset_Id", "Object_Change_Id");

CREATE INDEX "IX_Sys_Object_Changes_RootObject" ON "Sys_Object_Changes" ("Root_Object_Id", "Object_Change_Id");

CREATE INDEX "IX_Sys_Object_Changes_EntityItemId" ON "Sys_Object_Changes" ("Entity_Item_Id", "Object_Change_Id");

CREATE INDEX "IX_Sys_Object_Changes_RepositoryName" ON "Sys_Object_Changes" ("Repository_Name_folded", "Object_Change_Id");

CREATE INDEX "IX_Sys_Object_Changesets_User" ON "Sys_Object_Changesets" ("User_Id", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_TimeUtc" ON "Sys_Object_Changesets" ("Time_Utc", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_ExternalId" ON "Sys_Object_Changesets" ("External_Id_folded", "External_Id", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_ExternalId_Exact" ON "Sys_Object_Changesets" ("External_Id", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_ExternalSystem" ON "Sys_Object_Changesets" ("External_System", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_AggregateLastUpdateTimeUtc" ON "Sys_Object_Changesets" ("Last_Update_Time_Utc", "Object_Changeset_Id");

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

CREATE INDEX "IX_Sec_Access_Keys_Code" ON "Sec_Access_Keys" ("Access_Key_Code_folded", "Access_Key_Code", "Access_Key_Id");

CREATE INDEX "IX_Sec_Access_Keys_EntityId" ON "Sec_Access_Keys" ("Entity_Id", "Access_Key_Id");

CREATE INDEX "IX_Sec_Access_Keys_EntityName" ON "Sec_Access_Keys" ("Entity_Name_folded", "Entity_Name", "Access_Key_Id");

CREATE INDEX "IX_Sec_Access_Keys_ExternalId" ON "Sec_Access_Keys" ("External_Id_folded", "External_Id", "Access_Key_Id");

CREATE INDEX "IX_Sec_Access_Keys_ExternalId_Exact" ON "Sec_Access_Keys" ("External_Id", "Access_Key_Id");

CREATE INDEX "IX_Sec_Access_Keys_ExternalSystem" ON "Sec_Access_Keys" ("External_System", "Access_Key_Id");

CREATE INDEX "IX_Sec_Access_Keys_AggregateLastUpdateTimeUtc" ON "Sec_Access_Keys" ("Last_Update_Time_Utc", "Access_Key_Id");

CREATE UNIQUE INDEX "UX_Sec_Access_Tokens_AccessTokenKey" ON "Sec_Access_Tokens" ("Access_Token_Key");

CREATE INDEX "IX_Sec_Access_Tokens_TrustedApplication" ON "Sec_Access_Tokens" ("Trusted_Application_Id", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_User" ON "Sec_Access_Tokens" ("User_Id", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_Actor" ON "Sec_Access_Tokens" ("Actor", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_Client" ON "Sec_Access_Tokens" ("Client", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_ConsumedTimestamp" ON "Sec_Access_Tokens" ("Consumed_Timestamp", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_CreationTimestamp" ON "Sec_Access_Tokens" ("Creation_Timestamp", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_ExpireTimestamp" ON "Sec_Access_Tokens" ("Expire_Timestamp", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_LastUsedTimestamp" ON "Sec_Access_Tokens" ("Last_Used_Timestamp", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_Session" ON "Sec_Access_Tokens" ("Session", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_ExternalId" ON "Sec_Access_Tokens" ("External_Id_folded", "External_Id", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_ExternalId_Exact" ON "Sec_Access_Tokens" ("External_Id", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_ExternalSystem" ON "Sec_Access_Tokens" ("External_System", "Access_Token_Id");

CREATE INDEX "IX_Sec_Access_Tokens_AggregateLastUpdateTimeUtc" ON "Sec_Access_Tokens" ("Last_Update_Time_Utc", "Access_Token_Id");

CREATE UNIQUE INDEX "UX_Sec_Column_Permissions_TableName_ColumnName_AccessKey" ON "Sec_Column_Permissions" ("Table_Name_folded", "Column_Name_folded", "Access_Key_Id");

CREATE INDEX "IX_Sec_Column_Permissions_AccessKey" ON "Sec_Column_Permissions" ("Access_Key_Id", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Column_Permissions_ColumnName" ON "Sec_Column_Permissions" ("Column_Name_folded", "Column_Name", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Column_Permissions_TableName" ON "Sec_Column_Permissions" ("Table_Name_folded", "Table_Name", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Column_Permissions_ExternalId" ON "Sec_Column_Permissions" ("External_Id_folded", "External_Id", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Column_Permissions_ExternalId_Exact" ON "Sec_Column_Permissions" ("External_Id", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Column_Permissions_ExternalSystem" ON "Sec_Column_Permissions" ("External_System", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Column_Permissions_AggregateLastUpdateTimeUtc" ON "Sec_Column_Permissions" ("Last_Update_Time_Utc", "Column_Permission_Id");

CREATE INDEX "IX_Sec_Domain_Providers_Domain" ON "Sec_Domain_Providers" ("Domain_Id", "Domain_Provider_Id");

CREATE UNIQUE INDEX "UX_Sec_Domains_Name" ON "Sec_Domains" ("Domain_Name_folded");

CREATE INDEX "IX_Sec_Domains_Name" ON "Sec_Domains" ("Domain_Name_folded", "Domain_Name", "Domain_Id");

CREATE INDEX "IX_Sec_Domains_ExternalId" ON "Sec_Domains" ("External_Id_folded", "External_Id", "Domain_Id");

CREATE INDEX "IX_Sec_Domains_ExternalId_Exact" ON "Sec_Domains" ("External_Id", "Domain_Id");

CREATE INDEX "IX_Sec_Domains_ExternalSystem" ON "Sec_Domains" ("External_System", "Domain_Id");

CREATE INDEX "IX_Sec_Domains_AggregateLastUpdateTimeUtc" ON "Sec_Domains" ("Last_Update_Time_Utc", "Domain_Id");

CREATE UNIQUE INDEX "UX_Sec_Group_Access_Keys_Group_AccessKey" ON "Sec_Group_Access_Keys" ("Group_Id", "Access_Key_Id");

CREATE INDEX "IX_Sec_Group_Access_Keys_AccessKey" ON "Sec_Group_Access_Keys" ("Access_Key_Id", "Group_Access_Key_Id");

CREATE INDEX "IX_Sec_Group_Access_Keys_Group" ON "Sec_Group_Access_Keys" ("Group_Id", "Group_Access_Key_Id");

CREATE INDEX "IX_Sec_Groups_GroupForUser" ON "Sec_Groups" ("Group_For_User_Id", "Group_Id");

CREATE INDEX "IX_Sec_Groups_ExternalId" ON "Sec_Groups" ("External_Id_folded", "External_Id", "Group_Id");

CREATE INDEX "IX_Sec_Groups_ExternalId_Exact" ON "Sec_Groups" ("External_Id", "Group_Id");

CREATE INDEX "IX_Sec_Groups_ExternalSystem" ON "Sec_Groups" ("External_System", "Group_Id");

CREATE INDEX "IX_Sec_Groups_AggregateLastUpdateTimeUtc" ON "Sec_Groups" ("Last_Update_Time_Utc", "Group_Id");

CREATE UNIQUE INDEX "UX_Wf_Role_Users_User_Role_EnterpriseCompany_CompanyLocation" ON "Wf_Role_Users" ("User_Id", "Role_Id", coalesce("Enterprise_Company_Id", x''), coalesce("Company_Location_Id", x''));

CREATE INDEX "IX_Wf_Role_Users_CompanyLocation" ON "Wf_Role_Users" ("Company_Location_Id", "Role_User_Id");

CREATE INDEX "IX_Wf_Role_Users_EnterpriseCompany" ON "Wf_Role_Users" ("Enterprise_Company_Id", "Role_User_Id");

CREATE INDEX "IX_Wf_Role_Users_Role" ON "Wf_Role_Users" ("Role_Id", "Role_User_Id");

CREATE INDEX "IX_Wf_Role_Users_User" ON "Wf_Role_Users" ("User_Id", "Role_User_Id");

CREATE INDEX "IX_Wf_Roles_Name" ON "Wf_Roles" ("Role_Name_folded", "Role_Name", "Role_Id");

CREATE INDEX "IX_Wf_Roles_ExternalId" ON "Wf_Roles" ("External_Id_folded", "External_Id", "Role_Id");

CREATE INDEX "IX_Wf_Roles_ExternalId_Exact" ON "Wf_Roles" ("External_Id", "Role_Id");

CREATE INDEX "IX_Wf_Roles_ExternalSystem" ON "Wf_Roles" ("External_System", "Role_Id");

CREATE INDEX "IX_Wf_Roles_AggregateLastUpdateTimeUtc" ON "Wf_Roles" ("Last_Update_Time_Utc", "Role_Id");

CREATE INDEX "IX_Sec_Trusted_Application_Authorizations_ContextUser" ON "Sec_Trusted_Application_Authorizations" ("Context_User_Id", "Trusted_Application_Authorization_Id");

CREATE INDEX "IX_Sec_Trusted_Application_Authorizations_GrantingUser" ON "Sec_Trusted_Application_Authorizations" ("Granting_User_Id", "Trusted_Application_Authorization_Id");

CREATE INDEX "IX_Sec_Trusted_Application_Authorizations_TrustedApplication" ON "Sec_Trusted_Application_Authorizations" ("Trusted_Application_Id", "Trusted_Application_Authorization_Id");

CREATE INDEX "IX_Sec_Trusted_Application_Authorizations_GrantTimeUtc" ON "Sec_Trusted_Application_Authorizations" ("Grant_Time_Utc", "Trusted_Application_Authorization_Id");

CREATE INDEX "IX_Sec_Trusted_Application_Authorizations_ValidFromUtc" ON "Sec_Trusted_Application_Authorizations" ("Valid_From_Utc", "Trusted_Application_Authorization_Id");

CREATE INDEX "IX_Sec_Trusted_Application_Authorizations_ValidUntilUtc" ON "Sec_Trusted_Application_Authorizations" ("Valid_Until_Utc", "Trusted_Application_Authorization_Id");

CREATE UNIQUE INDEX "UX_Sec_Trusted_Applications_ApplicationUri" ON "Sec_Trusted_Applications" ("Application_Uri");

CREATE INDEX "IX_Sec_Trusted_Applications_SystemUser" ON "Sec_Trusted_Applications" ("System_User_Id", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_ApplicationUri" ON "Sec_Trusted_Applications" ("Application_Uri_folded", "Application_Uri", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_CreationTimeUtc" ON "Sec_Trusted_Applications" ("Creation_Time_Utc", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_Name" ON "Sec_Trusted_Applications" ("Trusted_Application_Name_folded", "Trusted_Application_Name", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_ExternalId" ON "Sec_Trusted_Applications" ("External_Id_folded", "External_Id", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_ExternalId_Exact" ON "Sec_Trusted_Applications" ("External_Id", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_ExternalSystem" ON "Sec_Trusted_Applications" ("External_System", "Trusted_Application_Id");

CREATE INDEX "IX_Sec_Trusted_Applications_AggregateLastUpdateTimeUtc" ON "Sec_Trusted_Applications" ("Last_Update_Time_Utc", "Trusted_Application_Id");

CREATE UNIQUE INDEX "UX_Sec_User_Access_Keys_User_AccessKey" ON "Sec_User_Access_Keys" ("User_Id", "Access_Key_Id");

CREATE INDEX "IX_Sec_User_Access_Keys_AccessKey" ON "Sec_User_Access_Keys" ("Access_Key_Id", "User_Access_Key_Id");

CREATE INDEX "IX_Sec_User_Access_Keys_User" ON "Sec_User_Access_Keys" ("User_Id", "User_Access_Key_Id");

CREATE UNIQUE INDEX "UX_Sec_User_Groups_User_Group" ON "Sec_User_Groups" ("User_Id", "Group_Id");

CREATE INDEX "IX_Sec_User_Groups_Group" ON "Sec_User_Groups" ("Group_Id", "User_Group_Id");

CREATE INDEX "IX_Sec_User_Groups_User" ON "Sec_User_Groups" ("User_Id", "User_Group_Id");

CREATE UNIQUE INDEX "UX_Sec_User_Provider_Logins_ProviderName_ProviderKey" ON "Sec_User_Provider_Logins" ("Provider_Name", "Provider_Key");

CREATE INDEX "IX_Sec_User_Provider_Logins_User" ON "Sec_User_Provider_Logins" ("User_Id", "User_Provider_Login_Id");

CREATE INDEX "IX_Sec_User_Provider_Logins_ProviderKey" ON "Sec_User_Provider_Logins" ("Provider_Key", "User_Provider_Login_Id");

CREATE UNIQUE INDEX "UX_Sec_User_Provider_Tokens_User_LoginProviderName_TokenName" ON "Sec_User_Provider_Tokens" ("User_Id", "Login_Provider_Name", "Token_Name");

CREATE INDEX "IX_Sec_User_Provider_Tokens_User" ON "Sec_User_Provider_Tokens" ("User_Id", "User_Provider_Token_Id");

CREATE UNIQUE INDEX "UX_Sec_Users_Domain_Login" ON "Sec_Users" (coalesce("Domain_Id", x''), "Login_folded");

CREATE UNIQUE INDEX "UX_Sec_Users_Domain_Email" ON "Sec_Users" (coalesce("Domain_Id", x''), "Email_folded");

CREATE INDEX "IX_Sec_Users_UserType_Active" ON "Sec_Users" ("User_Type", "Active", "User_Id");

CREATE INDEX "IX_Sec_Users_Domain" ON "Sec_Users" ("Domain_Id", "User_Id");

CREATE INDEX "IX_Sec_Users_Model" ON "Sec_Users" ("Model_Id", "User_Id");

CREATE INDEX "IX_Sec_Users_Person" ON "Sec_Users" ("Person_Id", "User_Id");

CREATE INDEX "IX_Sec_Users_CreationTimeUtc" ON "Sec_Users" ("Creation_Time_Utc", "User_Id");

CREATE INDEX "IX_Sec_Users_Email" ON "Sec_Users" ("Email_folded", "Email", "User_Id");

CREATE INDEX "IX_Sec_Users_LockoutEndUtc" ON "Sec_Users" ("Lockout_End_Utc", "User_Id");

CREATE INDEX "IX_Sec_Users_Login" ON "Sec_Users" ("Login_folded", "Login", "User_Id");

CREATE INDEX "IX_Sec_Users_PhoneNumber" ON "Sec_Users" ("Phone_Number_folded", "User_Id");

CREATE INDEX "IX_Cm_Companies_RegistrationNumber_Substring" ON "Cm_Companies" ("Company_Id", "Registration_Number_folded");

CREATE INDEX "IX_Gen_Parties_PartyCode_Substring" ON "Gen_Parties" ("Id", "Party_Code_folded");

CREATE INDEX "IX_Gen_Parties_PartyName_Substring" ON "Gen_Parties" ("Id", "Party_Name_folded");

CREATE INDEX "IX_Cm_Persons_NationalNumber_Substring" ON "Cm_Persons" ("Person_Id", "National_Number_folded");

CREATE INDEX "IX_Llm_Models_Name_Substring" ON "Llm_Models" ("Model_Id", "Name_folded");

CREATE INDEX "IX_Gen_Properties_Code_Substring" ON "Gen_Properties" ("Property_Id", "Property_Code_folded");

CREATE INDEX "IX_Gen_Properties_Name_Substring" ON "Gen_Properties" ("Property_Id", "Property_Name_folded");

CREATE INDEX "IX_Gen_Property_Allowed_Values_Description_Substring" ON "Gen_Property_Allowed_Values" ("Property_Allowed_Value_Id", "Description_folded");

CREATE INDEX "IX_Gen_Property_Allowed_Values_PropertyAllowedValueFie_edb21874" ON "Gen_Property_Allowed_Values" ("Property_Allowed_Value_Id", "Property_Allowed_Value_folded");

CREATE INDEX "IX_Gen_Property_Values_Description_Substring" ON "Gen_Property_Values" ("Property_Value_Id", "Description_folded");

CREATE INDEX "IX_Gen_Property_Values_Value_Substring" ON "Gen_Property_Values" ("Property_Value_Id", "Property_Value_folded");

CREATE INDEX "IX_Sys_Web_Hooks_Code_Substring" ON "Sys_Web_Hooks" ("Web_Hook_Id", "Code_folded");

CREATE INDEX "IX_Sys_Web_Hooks_Name_Substring" ON "Sys_Web_Hooks" ("Web_Hook_Id", "Name_folded");

CREATE INDEX "IX_Cmm_Notifications_Subject_Substring" ON "Cmm_Notifications" ("Notification_Id", "Subject_folded");

CREATE INDEX "IX_Sys_Object_Changes_RepositoryName_Substring" ON "Sys_Object_Changes" ("Object_Change_Id", "Repository_Name_folded");

CREATE INDEX "IX_Sys_Audit_Log_Entries_ApplicationName_Substring" ON "Sys_Audit_Log_Entries" ("Audit_Log_Entry_Id", "Application_Name_folded");

CREATE INDEX "IX_Sec_Access_Keys_Code_Substring" ON "Sec_Access_Keys" ("Access_Key_Id", "Access_Key_Code_folded");

CREATE INDEX "IX_Sec_Access_Keys_EntityName_Substring" ON "Sec_Access_Keys" ("Access_Key_Id", "Entity_Name_folded");

CREATE INDEX "IX_Sec_Access_Keys_Name_Substring" ON "Sec_Access_Keys" ("Access_Key_Id", "Access_Key_Name_folded");

CREATE INDEX "IX_Sec_Column_Permissions_ColumnName_Substring" ON "Sec_Column_Permissions" ("Column_Permission_Id", "Column_Name_folded");

CREATE INDEX "IX_Sec_Column_Permissions_TableName_Substring" ON "Sec_Column_Permissions" ("Column_Permission_Id", "Table_Name_folded");

CREATE INDEX "IX_Sec_Domains_Name_Substring" ON "Sec_Domains" ("Domain_Id", "Domain_Name_folded");

CREATE INDEX "IX_Sec_Groups_Name_Substring" ON "Sec_Groups" ("Group_Id", "Group_Name_folded");

CREATE INDEX "IX_Wf_Roles_Name_Substring" ON "Wf_Roles" ("Role_Id", "Role_Name_folded");

CREATE INDEX "IX_Sec_Trusted_Applications_Name_Substring" ON "Sec_Trusted_Applications" ("Trusted_Application_Id", "Trusted_Application_Name_folded");

CREATE INDEX "IX_Sec_Users_Email_Substring" ON "Sec_Users" ("User_Id", "Email_folded");

CREATE INDEX "IX_Sec_Users_Login_Substring" ON "Sec_Users" ("User_Id", "Login_folded");

CREATE INDEX "IX_Sec_Users_Name_Substring" ON "Sec_Users" ("User_Id", "User_Name_folded");

CREATE VIEW "Sys_Objects" ("rid", "Object_Id", "Additional_Data_Json", "Creation_Time_Utc", "Display_Name", "Display_Name_folded", "Entity_Item_Id", "Entity_Type", "Entity_Type_folded", "External_Id", "External_Id_folded", "External_System", "External_System_folded", "Is_Deleted", "Last_Update_Time_Utc", "Latest_Version", "Creation_User_Id", "Last_Update_User_Id") AS
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

CREATE TABLE "Ext_Server_Keys" (
    "Name" TEXT CONSTRAINT "PK_Ext_Server_Keys_Name" PRIMARY KEY NOT NULL,
    "Secret" BLOB NOT NULL
) STRICT;
