CREATE TABLE "Ext_Key_Ring" (
    "Key_Id" TEXT CONSTRAINT "PK_Ext_Key_Ring_Key_Id" PRIMARY KEY NOT NULL,
    "Purpose" TEXT NOT NULL,
    "Secret" BLOB NOT NULL,
    "Created_At" INTEGER NOT NULL,
    "Retired_At" INTEGER
) STRICT;

-- One key of each purpose is in use: of servers that start or rotate at once, one makes it.
CREATE UNIQUE INDEX "UX_Ext_Key_Ring_InUse" ON "Ext_Key_Ring" ("Purpose") WHERE "Retired_At" IS NULL;
