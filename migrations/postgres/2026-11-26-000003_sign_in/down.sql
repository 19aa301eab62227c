DROP TABLE "Ext_Marks";
DROP TABLE "Ext_Sessions";
