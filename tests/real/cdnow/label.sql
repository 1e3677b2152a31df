-- 1 for each customer who buys again in the 30 days after as_of(); the value is what they spend.
SELECT customer_id, 1 AS label, sum(amount) AS value
FROM purchases
WHERE bought_on >= as_of() + INTERVAL 1 DAY
GROUP BY customer_id
