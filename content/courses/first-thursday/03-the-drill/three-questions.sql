PRAGMA integrity_check;
SELECT count(*) AS customers FROM customers;
SELECT max(created_at) AS newest FROM orders;
