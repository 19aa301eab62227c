-- When passwords were replaced, and the hashes of those that may not come back; no query reaches it.
CREATE TABLE "Ext_Old_Passwords" (
    "Old_Password_Id" uuid CONSTRAINT "PK_Ext_Old_Passwords_Old_Password_Id" PRIMARY KEY,
    "User_Id" uuid NOT NULL CONSTRAINT "FK_Ext_Old_Passwords_User_Id" REFERENCES "Sec_Users" ("User_Id") ON DELETE CASCADE,
    "Password" text COLLATE "C",
    "Password_Format" text COLLATE "C" NOT NULL,
    "Replaced_At" timestamptz NOT NULL
);

CREATE INDEX "IX_Ext_Old_Passwords_User" ON "Ext_Old_Passwords" ("User_Id");
