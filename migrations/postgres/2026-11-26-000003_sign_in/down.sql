DROP TABLE "Ext_Used_Codes";
DROP TABLE "Ext_Marks";
DROP TABLE "Ext_Sessions";
