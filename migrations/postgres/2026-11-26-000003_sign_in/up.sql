-- A row signs nobody in: what is given out is the key of the row and a MAC that only the keys of the
-- server make.
CREATE TABLE "Ext_Sessions" (
    "Session_Id" uuid CONSTRAINT "PK_Ext_Sessions_Session_Id" PRIMARY KEY,
    "User_Id" uuid NOT NULL CONSTRAINT "FK_Ext_Sessions_User_Id" REFERENCES "Sec_Users" ("User_Id") ON DELETE CASCADE,
    "Way" text COLLATE "C" NOT NULL,
    "Application" text COLLATE "C" NOT NULL,
    "Scopes" text COLLATE "C" NOT NULL,
    "Created_At" timestamptz NOT NULL,
    "Used_At" timestamptz NOT NULL,
    "Ends_At" timestamptz NOT NULL,
    "Ended_At" timestamptz
);

CREATE INDEX "IX_Ext_Sessions_User" ON "Ext_Sessions" ("User_Id");

CREATE INDEX "IX_Ext_Sessions_EndsAt" ON "Ext_Sessions" ("Ends_At");

CREATE TABLE "Ext_Marks" (
    "Name" text COLLATE "C" CONSTRAINT "PK_Ext_Marks_Name" PRIMARY KEY,
    "Made_At" timestamptz NOT NULL
);

-- The last step of time whose code of the second factor was used: no code works twice.
CREATE TABLE "Ext_Used_Codes" (
    "User_Id" uuid CONSTRAINT "PK_Ext_Used_Codes_User_Id" PRIMARY KEY CONSTRAINT "FK_Ext_Used_Codes_User_Id" REFERENCES "Sec_Users" ("User_Id") ON DELETE CASCADE,
    "Step" bigint NOT NULL
);
