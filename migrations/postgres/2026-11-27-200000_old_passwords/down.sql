DROP TABLE "Ext_Old_Passwords";
