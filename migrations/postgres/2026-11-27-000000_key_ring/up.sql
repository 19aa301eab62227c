CREATE TABLE "Ext_Key_Ring" (
    "Key_Id" text COLLATE "C" CONSTRAINT "PK_Ext_Key_Ring_Key_Id" PRIMARY KEY,
    "Purpose" text COLLATE "C" NOT NULL,
    "Secret" bytea NOT NULL,
    "Created_At" timestamptz NOT NULL,
    "Retired_At" timestamptz
);

-- One key of each purpose is in use: of servers that start or rotate at once, one makes it.
CREATE UNIQUE INDEX "UX_Ext_Key_Ring_InUse" ON "Ext_Key_Ring" ("Purpose") WHERE "Retired_At" IS NULL;
