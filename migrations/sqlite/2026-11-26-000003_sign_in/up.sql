-- A row signs nobody in: what is given out is the key of the row and a MAC that only the keys of the
-- server make.
CREATE TABLE "Ext_Sessions" (
    "Session_Id" BLOB CONSTRAINT "PK_Ext_Sessions_Session_Id" PRIMARY KEY CONSTRAINT "CK_Ext_Sessions_Session_Id" CHECK (length("Session_Id") = 16) NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Ext_Sessions_User_Id" REFERENCES "Sec_Users" ("User_Id") ON DELETE CASCADE CONSTRAINT "CK_Ext_Sessions_User_Id" CHECK (length("User_Id") = 16) NOT NULL,
    "Way" TEXT NOT NULL,
    "Application" TEXT NOT NULL,
    "Scopes" TEXT NOT NULL,
    "Created_At" INTEGER NOT NULL,
    "Used_At" INTEGER NOT NULL,
    "Ends_At" INTEGER NOT NULL,
    "Ended_At" INTEGER
) STRICT;

CREATE INDEX "IX_Ext_Sessions_User" ON "Ext_Sessions" ("User_Id");

CREATE INDEX "IX_Ext_Sessions_EndsAt" ON "Ext_Sessions" ("Ends_At");

CREATE TABLE "Ext_Marks" (
    "Name" TEXT CONSTRAINT "PK_Ext_Marks_Name" PRIMARY KEY NOT NULL,
    "Made_At" INTEGER NOT NULL
) STRICT;

-- The last step of time whose code of the second factor was used: no code works twice.
CREATE TABLE "Ext_Used_Codes" (
    "User_Id" BLOB CONSTRAINT "PK_Ext_Used_Codes_User_Id" PRIMARY KEY CONSTRAINT "FK_Ext_Used_Codes_User_Id" REFERENCES "Sec_Users" ("User_Id") ON DELETE CASCADE CONSTRAINT "CK_Ext_Used_Codes_User_Id" CHECK (length("User_Id") = 16) NOT NULL,
    "Step" INTEGER NOT NULL
) STRICT;
