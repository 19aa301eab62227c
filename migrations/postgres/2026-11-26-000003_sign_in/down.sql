DROP TABLE "Ext_Keys";
DROP TABLE "Ext_Used_Codes";
DROP TABLE "Ext_Marks";
DROP TABLE "Ext_Sessions";
