DROP TABLE "Ext_Repeatable_Requests";
DROP TABLE "Ext_Counters";
