import requests

url = "http://localhost:3000/api/v1/getLatestImportOperations"
payload = {}
headers = {
    "X-User-Id": "d26x6zSkaPSe5gCyy",
    "X-Auth-Token": "Zu-Z6eKzIIz7MCCRGeHi29bYkXZCJ4SxFC0JAasqm92",
}
response = requests.request("GET", url, headers=headers, data=payload)
print(response.text)
