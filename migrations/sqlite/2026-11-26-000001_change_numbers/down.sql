-- Takes the numbers of change sets away and keeps all else.
-- Foreign keys that point at the table are checked when the transaction ends, after it is back.
PRAGMA defer_foreign_keys = ON;

CREATE TEMPORARY TABLE "Kept" AS SELECT * FROM "Sys_Object_Changesets";

DROP TABLE "Sys_Object_Changesets";

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

INSERT INTO "Sys_Object_Changesets" ("rid", "Object_Changeset_Id", "Application_Name", "Application_Name_folded", "Server_Version", "Time_Utc", "User_Id", "Latest_Version", "External_Id", "External_Id_folded", "External_System", "External_System_folded", "Creation_Time_Utc", "Last_Update_Time_Utc", "Additional_Data_Json")
SELECT "rid", "Object_Changeset_Id", "Application_Name", "Application_Name_folded", "Server_Version", "Time_Utc", "User_Id", "Latest_Version", "External_Id", "External_Id_folded", "External_System", "External_System_folded", "Creation_Time_Utc", "Last_Update_Time_Utc", "Additional_Data_Json" FROM "Kept";

CREATE INDEX "IX_Sys_Object_Changesets_User" ON "Sys_Object_Changesets" ("User_Id", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_TimeUtc" ON "Sys_Object_Changesets" ("Time_Utc", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_ExternalId" ON "Sys_Object_Changesets" ("External_Id_folded", "External_Id", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_ExternalId_Exact" ON "Sys_Object_Changesets" ("External_Id", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_ExternalSystem" ON "Sys_Object_Changesets" ("External_System", "Object_Changeset_Id");

CREATE INDEX "IX_Sys_Object_Changesets_AggregateLastUpdateTimeUtc" ON "Sys_Object_Changesets" ("Last_Update_Time_Utc", "Object_Changeset_Id");

DROP TABLE "Kept";
