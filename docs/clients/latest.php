<?php
require_once 'GuzzleHttp/autoload.php';
$client = new GuzzleHttp\Client(['http_errors' => false]);
$response = $client->get('http://localhost:3000/api/v1/getLatestImportOperations', [
  'headers' => [
    'X-User-Id' => 'd26x6zSkaPSe5gCyy',
    'X-Auth-Token' => 'Zu-Z6eKzIIz7MCCRGeHi29bYkXZCJ4SxFC0JAasqm92',
  ],
]);
echo $response->getBody();
