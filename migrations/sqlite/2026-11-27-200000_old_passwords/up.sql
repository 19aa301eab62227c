-- When passwords were replaced, and the hashes of those that may not come back; no query reaches it.
CREATE TABLE "Ext_Old_Passwords" (
    "Old_Password_Id" BLOB CONSTRAINT "PK_Ext_Old_Passwords_Old_Password_Id" PRIMARY KEY CONSTRAINT "CK_Ext_Old_Passwords_Old_Password_Id" CHECK (length("Old_Password_Id") = 16) NOT NULL,
    "User_Id" BLOB CONSTRAINT "FK_Ext_Old_Passwords_User_Id" REFERENCES "Sec_Users" ("User_Id") ON DELETE CASCADE CONSTRAINT "CK_Ext_Old_Passwords_User_Id" CHECK (length("User_Id") = 16) NOT NULL,
    "Password" TEXT,
    "Password_Format" TEXT NOT NULL,
    "Replaced_At" INTEGER NOT NULL
) STRICT;

CREATE INDEX "IX_Ext_Old_Passwords_User" ON "Ext_Old_Passwords" ("User_Id");
