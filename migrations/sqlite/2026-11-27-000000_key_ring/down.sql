DROP TABLE "Ext_Key_Ring";
